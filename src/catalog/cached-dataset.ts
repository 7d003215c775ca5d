import { parseCopyMode } from './copy-data.ts';
import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { MemoryDataset } from './memory-dataset.ts';

/** Keeps in memory what another dataset loads or saves, until it is released. */
export class CachedDataset implements Dataset {
  readonly ephemeral = true;
  readonly metadata: unknown;
  readonly #dataset: Dataset;
  readonly #cache: MemoryDataset;

  constructor(dataset: Dataset, cache: MemoryDataset) {
    this.#dataset = dataset;
    this.#cache = cache;
    this.metadata = cache.metadata;
  }

  async load(): Promise<unknown> {
    if (!(await this.#cache.exists())) await this.#cache.save(await this.#dataset.load());
    return await this.#cache.load();
  }

  async save(data: unknown): Promise<void> {
    await this.#dataset.save(data);
    await this.#cache.save(data);
  }

  async exists(): Promise<boolean> {
    return (await this.#cache.exists()) || (await this.#dataset.exists());
  }

  async release(): Promise<void> {
    await this.#cache.release();
    await this.#dataset.release();
  }

  describe(): Readonly<Record<string, unknown>> {
    return { dataset: this.#dataset.describe(), cache: this.#cache.describe() };
  }
}

/** `CachedDataset`: `dataset` is an entry of its own; `versioned` stands beside it, not in it. */
export function createCachedDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  const reader = readOptions(options, placeOf(context), ['dataset', 'copy_mode']);
  const copyMode = parseCopyMode(reader.raw('copy_mode'));
  const inner = context.createDataset(reader.map('dataset'), context.version !== undefined);
  return new CachedDataset(inner, MemoryDataset.empty({ copyMode, metadata: context.metadata }));
}
