import type { DataCatalog } from '../catalog/data-catalog.ts';
import { isParameter } from '../catalog/parameters.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { encodeOutput, type OutputPlace } from './encode-output.ts';
import type { RunnerListener } from './runner-event.ts';

/** Tells the data of the datasets that a run was asked for, each once. */
export interface OutputCollector {
  /** Takes what has just been saved, if it is wanted. */
  saved(name: string, data: unknown): Promise<void>;
  /** Takes what the dataset holds now, if it is wanted: a generator has saved it in pieces. */
  load(name: string): Promise<void>;
  /** Takes what is wanted and was not saved by this run, as it is in the catalog. */
  loadRest(): Promise<void>;
}

export interface CollectorOptions {
  readonly names: readonly string[];
  readonly maxBytes: number;
  readonly pipeline: Pipeline;
  readonly catalog: DataCatalog;
  readonly tell: RunnerListener;
}

function placeOf(name: string, catalog: DataCatalog): OutputPlace {
  const { filepath = null, isVersioned } = catalog.describe(name);
  return { dataset: name, filepath, version: isVersioned ? catalog.saveVersion : null };
}

/**
 * Creates the collector of one run. Only what the pipeline's nodes read or make can be had, and no
 * parameters: who may run a pipeline may not thereby read the whole catalog.
 */
export function createOutputCollector(options: CollectorOptions): OutputCollector {
  const { maxBytes, pipeline, catalog, tell } = options;
  const known = pipeline.datasets();
  const left = new Set(options.names.filter((name) => known.has(name) && !isParameter(name)));

  const take = async (name: string, read: () => unknown): Promise<void> => {
    if (!left.delete(name)) return;
    try {
      const encoded = await encodeOutput(await read(), maxBytes, placeOf(name, catalog));
      tell({ type: 'output.ready', output: name, ...encoded });
    } catch (error) {
      tell({ type: 'output.failed', output: name, error });
    }
  };
  const load = async (name: string): Promise<void> => take(name, async () => catalog.load(name));

  return {
    saved: async (name, data) => take(name, () => data),
    load,
    loadRest: async () => {
      for (const name of left) if (await catalog.exists(name)) await load(name);
    },
  };
}
