import { compareCodePoints } from '../names/compare-code-points.ts';
import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import type { OptionReader } from './dataset-options.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import type { FileSystem } from './file-system.ts';
import { fileSystemFor } from './file-system.ts';
import { isPlainObject } from './plain-object.ts';

/** What a partition holds, or a function that gives it when it is saved. */
type Partitions = Readonly<Record<string, unknown>>;

function grandparent(file: string): string {
  const segments = file.split('/');
  if (segments.at(-1) === segments.at(-3)) return segments.slice(0, -2).join('/');
  throw new DatasetError(
    'version-invalid',
    `'${file}' is not a well-formed versioned path ending with 'filename/timestamp/filename'.`,
  );
}

class PartitionedDataset implements Dataset {
  readonly metadata: unknown;
  readonly #path: string;
  readonly #suffix: string;
  readonly #isOverwriting: boolean;
  readonly #isLazy: boolean;
  readonly #isVersioned: boolean;
  readonly #filepathOption: string;
  readonly #entry: Readonly<Record<string, unknown>>;
  readonly #context: DatasetContext;
  readonly #fileSystem: FileSystem;

  constructor(reader: OptionReader, context: DatasetContext) {
    this.#context = context;
    this.metadata = context.metadata;
    this.#path = reader.requiredText('path').replace(/(?<!\/)\/+$/u, '');
    this.#suffix = reader.text('filename_suffix') ?? '';
    this.#isOverwriting = reader.flag('overwrite') ?? false;
    this.#isLazy = reader.flag('save_lazily') ?? true;
    this.#filepathOption = reader.text('filepath_arg') ?? 'filepath';
    this.#fileSystem = fileSystemFor(this.#path, context.fileSystems);
    const inner = reader.raw('dataset');
    const access = ['credentials', 'fs_args'].filter((key) => reader.raw(key) !== undefined);
    const shared = new Map(access.map((key) => [key, reader.raw(key)]));
    this.#entry = {
      ...Object.fromEntries(shared),
      ...(isPlainObject(inner) ? inner : { type: inner }),
    };
    this.#isVersioned = this.#entry['versioned'] === true;
    this.#partition('').describe();
  }

  #partition(id: string): Dataset {
    const isOutside = id.split(/[/\\]/u).includes('..');
    if (isOutside) {
      throw new DatasetError(
        'path-refused',
        `The partition '${id}' would lie outside of '${this.#path}'. Name partitions without '..'.`,
      );
    }
    const filepath = `${this.#path}/${id.replace(/^\/+/u, '')}${this.#suffix}`;
    return this.#context.createDataset({ ...this.#entry, [this.#filepathOption]: filepath });
  }

  async #ids(): Promise<readonly string[]> {
    const files = (await this.#fileSystem.list(this.#path))
      .filter((file) => file.endsWith(this.#suffix))
      .map((file) => (this.#isVersioned ? grandparent(file) : file));
    return [...new Set(files)].map((file) => file.slice(0, file.length - this.#suffix.length));
  }

  async load(): Promise<Readonly<Record<string, () => Promise<unknown>>>> {
    const ids = await this.#ids();
    if (ids.length === 0) {
      throw new DatasetError('file-not-found', `No partitions found in '${this.#path}'`);
    }
    return Object.fromEntries(ids.map((id) => [id, async () => await this.#partition(id).load()]));
  }

  async save(data: unknown): Promise<void> {
    if (!isPlainObject(data)) {
      throw new TypeError(
        'Partitions are saved from an object: each key names a partition, its value is what to save or a function that gives it.',
      );
    }
    const partitions: Partitions = data;
    const ids = Object.keys(partitions).toSorted(compareCodePoints);
    const datasets = new Map(ids.map((id) => [id, this.#partition(id)]));
    if (this.#isOverwriting) await this.#fileSystem.remove(this.#path);
    for (const [id, dataset] of datasets) {
      const value = partitions[id];
      const isDelayed = this.#isLazy && typeof value === 'function';
      const content: unknown = isDelayed ? await Reflect.apply(value, undefined, []) : value;
      await dataset.save(content);
    }
  }

  async exists(): Promise<boolean> {
    return (await this.#ids()).length > 0;
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  describe(): Readonly<Record<string, unknown>> {
    const { type, credentials: _, ...rest } = this.#entry;
    return { path: this.#path, dataset_type: type, dataset_config: rest };
  }
}

/**
 * `partitions.PartitionedDataset`: the files of a folder, each a dataset. Loads an object of
 * functions that load, by partition; saves an object of values, or of functions that give them.
 */
export function createPartitionedDataset(
  options: DatasetOptions,
  context: DatasetContext,
): Dataset {
  const known = ['path', 'dataset', 'filepath_arg', 'filename_suffix', 'overwrite'];
  const more = ['save_lazily', 'credentials', 'fs_args', 'load_args'];
  return new PartitionedDataset(
    readOptions(options, placeOf(context), [...known, ...more]),
    context,
  );
}
