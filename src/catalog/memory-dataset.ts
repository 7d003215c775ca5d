import type { CopyMode } from './copy-data.ts';
import { copyData, inferCopyMode } from './copy-data.ts';
import type { Dataset } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';

const empty = Symbol('nothing saved');

export interface MemoryDatasetOptions {
  /** By the data's kind when it is not given: see `inferCopyMode`. */
  readonly copyMode?: CopyMode | undefined;
  /** Whether the data has to be made anew in every run; default: true. */
  readonly ephemeral?: boolean | undefined;
  readonly metadata?: unknown;
}

/** Keeps data for the time of a run. Copies it on the way in and out, by its copy mode. */
export class MemoryDataset implements Dataset {
  readonly ephemeral: boolean;
  readonly metadata: unknown;
  readonly #copyMode: CopyMode | undefined;
  #data: unknown = empty;

  /** Without arguments the dataset is empty; `undefined` and `null` are data here. */
  constructor(...args: [] | [data: unknown, options?: MemoryDatasetOptions]) {
    const [data, options] = args;
    this.#copyMode = options?.copyMode;
    this.ephemeral = options?.ephemeral ?? true;
    this.metadata = options?.metadata;
    if (args.length > 0) this.#data = this.#copy(data);
  }

  /** An empty one. */
  static empty(options: MemoryDatasetOptions): MemoryDataset {
    const dataset = new MemoryDataset(undefined, options);
    dataset.#data = empty;
    return dataset;
  }

  #copy(data: unknown): unknown {
    return copyData(data, this.#copyMode ?? inferCopyMode(data));
  }

  /** Throws `DatasetError` (`dataset-empty`). */
  async load(): Promise<unknown> {
    if (this.#data === empty) {
      throw new DatasetError('dataset-empty', 'Data for MemoryDataset has not been saved yet.');
    }
    return this.#copy(this.#data);
  }

  async save(data: unknown): Promise<void> {
    this.#data = this.#copy(data);
  }

  /** The data itself, for who copies it anyway; undefined where there is none. */
  lend(): unknown {
    return this.#data === empty ? undefined : this.#data;
  }

  /** Saves data that is nobody else's, without a copy. */
  keep(data: unknown): void {
    this.#data = data;
  }

  async exists(): Promise<boolean> {
    return this.#data !== empty;
  }

  async release(): Promise<void> {
    this.#data = empty;
  }

  describe(): Readonly<Record<string, unknown>> {
    return this.#data === empty ? {} : { data: `<${kindOf(this.#data)}>` };
  }
}

function kindOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return data === null ? 'null' : typeof data;
  const { constructor } = data;
  return typeof constructor === 'function' ? constructor.name : 'Object';
}
