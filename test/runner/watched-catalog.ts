import { createDataCatalog, type DataCatalog } from '../../src/catalog/data-catalog.ts';
import type { Dataset } from '../../src/catalog/dataset.ts';

/** A persistent dataset that keeps its data here and notes what is done to it. */
export class NotedDataset implements Dataset {
  readonly ephemeral: boolean;
  readonly #name: string;
  readonly #notes: string[];
  readonly saved: unknown[] = [];

  constructor(
    name: string,
    notes: string[],
    options: { ephemeral?: boolean; data?: unknown } = {},
  ) {
    this.#name = name;
    this.#notes = notes;
    this.ephemeral = options.ephemeral ?? false;
    if ('data' in options) this.saved.push(options.data);
  }

  load(): Promise<unknown> {
    this.#notes.push(`load ${this.#name}`);
    return Promise.resolve(this.saved.at(-1));
  }

  save(data: unknown): Promise<void> {
    this.#notes.push(`save ${this.#name}`);
    this.saved.push(data);
    return Promise.resolve();
  }

  exists(): Promise<boolean> {
    return Promise.resolve(this.saved.length > 0);
  }

  release(): Promise<void> {
    this.#notes.push(`release ${this.#name}`);
    return Promise.resolve();
  }

  confirm(): Promise<void> {
    this.#notes.push(`confirm ${this.#name}`);
    return Promise.resolve();
  }

  describe(): Readonly<Record<string, unknown>> {
    return { name: this.#name };
  }
}

export interface WatchedCatalog {
  readonly catalog: DataCatalog;
  /** What has been done to the datasets, in order. */
  readonly notes: string[];
  dataset(name: string): NotedDataset;
}

/** A catalog of persistent datasets: those with data have it already, the others are empty. */
export function createWatchedCatalog(
  withData: Readonly<Record<string, unknown>>,
  empty: readonly string[] = [],
  ephemeral: readonly string[] = [],
): WatchedCatalog {
  const notes: string[] = [];
  const datasets = new Map<string, NotedDataset>();
  for (const [name, data] of Object.entries(withData)) {
    datasets.set(
      name,
      new NotedDataset(name, notes, { data, ephemeral: ephemeral.includes(name) }),
    );
  }
  for (const name of empty) {
    datasets.set(name, new NotedDataset(name, notes, { ephemeral: ephemeral.includes(name) }));
  }
  return {
    catalog: createDataCatalog({ datasets: Object.fromEntries(datasets) }),
    notes,
    dataset: (name) => datasets.get(name)!,
  };
}
