import { isParameter } from '../catalog/parameters.ts';
import { keptResolver } from '../catalog/kept-preparations.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Config } from './kept-config.ts';
import { parseRuntimeParams } from './runtime-params.ts';
import { selectPipeline } from './registered-pipelines.ts';
import { pipelineNamesOf, type RunRequest } from './run-request.ts';
import type { SessionProject } from './to-run-params.ts';

/** What the nodes of a request use, parameters left out, by the names that they use. */
export interface UsedDatasets {
  readonly reads: readonly string[];
  /** Those that are confirmed, too. */
  readonly writes: readonly string[];
  /** Catalog entries, with placeholders and credentials filled in. */
  readonly entries: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Whether they are the same with other runtime parameters. */
  readonly isForAllParams: boolean;
}

interface Kept {
  readonly catalog: Config;
  readonly credentials: Config;
  readonly used: UsedDatasets;
}

const noCredentials: Config = Object.freeze({});
const kept = new WeakMap<Pipeline, Kept>();

/**
 * Finds out what a request uses without making any dataset. Throws what keeps it from being run:
 * `ProjectFault`, `PipelineError`, `ConfigError`, `DatasetError`.
 */
export async function findUsedDatasets(
  { pipelines, config }: SessionProject,
  request: Omit<RunRequest, 'runId'>,
): Promise<UsedDatasets> {
  const pipeline = selectPipeline(pipelines, pipelineNamesOf(request), request);
  const current = config.read(parseRuntimeParams(request.paramsJson ?? null));
  const catalog = await current.load('catalog');
  const credentials = (await current.find('credentials')) ?? noCredentials;
  const known = kept.get(pipeline);
  if (known?.catalog === catalog && known.credentials === credentials) return known.used;
  const resolver = keptResolver(catalog, credentials);
  const reads = new Set<string>();
  const writes = new Set<string>();
  for (const node of pipeline.nodes) {
    for (const name of node.inputs) if (!isParameter(name)) reads.add(name);
    for (const name of [...node.outputs, ...node.confirms]) writes.add(name);
  }
  const names = [...new Set([...reads, ...writes])];
  const used = {
    reads: [...reads],
    writes: [...writes],
    entries: Object.fromEntries(names.map((name) => [name, resolver.resolve(name)])),
    isForAllParams: current.isForAllParams('catalog') && current.isForAllParams('credentials'),
  };
  kept.set(pipeline, { catalog, credentials, used });
  return used;
}
