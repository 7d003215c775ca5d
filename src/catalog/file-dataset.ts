import type { Dataset, DatasetContext, DatasetOptions, DatasetVersion } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import type { OptionReader } from './dataset-options.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { describeDataset } from './describe-dataset.ts';
import type { FileSystem, WriteOptions } from './file-system.ts';
import { fileSystemFor, prefixOf } from './file-system.ts';
import { redactUrls } from '../redact/redact-url.ts';
import { fileName, listVersions, versionedPath } from './version-path.ts';

/** Between bytes and values. */
export interface FileFormat {
  decode(bytes: Uint8Array): unknown;
  encode(data: unknown): Uint8Array | string | Promise<Uint8Array | string>;
  /** Where the format reads only parts of a file; `decode` is for file systems that cannot. */
  readFrom?(fileSystem: FileSystem, path: string): Promise<unknown>;
  /** In place of `encode` where the format writes the file by itself. */
  writeTo?(
    fileSystem: FileSystem,
    path: string,
    data: unknown,
    options: WriteOptions,
  ): Promise<void>;
}

interface FileDatasetSettings {
  readonly filepath: string;
  readonly fileSystem: FileSystem;
  readonly format: FileFormat;
  readonly context: DatasetContext;
  readonly details: Readonly<Record<string, unknown>>;
  readonly version: DatasetVersion | undefined;
}

/** One file, or a folder of its versions as Kedro lays it out: `filepath/version/filename`. */
export class FileDataset implements Dataset {
  readonly metadata: unknown;
  readonly #settings: FileDatasetSettings;
  #newest: string | undefined;

  constructor(settings: FileDatasetSettings) {
    this.#settings = settings;
    this.metadata = settings.context.metadata;
  }

  /** The version that is loaded: the given one, or the newest, looked up once until `release`. */
  async #loadVersion(version: DatasetVersion): Promise<string> {
    if (version.load !== undefined) return version.load;
    const { filepath, fileSystem } = this.#settings;
    this.#newest ??= (await listVersions(filepath, fileSystem))[0];
    if (this.#newest !== undefined) return this.#newest;
    throw new DatasetError('version-not-found', `Did not find any versions for ${this.#text()}`);
  }

  async #loadPath(): Promise<string> {
    const { filepath, version } = this.#settings;
    if (version === undefined) return filepath;
    return versionedPath(filepath, await this.#loadVersion(version));
  }

  async load(): Promise<unknown> {
    const { fileSystem, format } = this.#settings;
    const path = await this.#loadPath();
    if (format.readFrom !== undefined) return await format.readFrom(fileSystem, path);
    return await format.decode(await fileSystem.read(path));
  }

  async save(data: unknown): Promise<void> {
    const { filepath, version } = this.#settings;
    if (version === undefined) {
      await this.#write(filepath, data, {});
      return;
    }
    this.#newest = undefined;
    const path = versionedPath(filepath, version.save);
    try {
      await this.#write(path, data, { mustBeNew: true });
    } catch (cause) {
      throw await this.#toSaveError(cause, path);
    }
    const loaded = await this.#loadVersion(version);
    if (loaded === version.save) return;
    this.#newest = undefined;
    this.#settings.context.onWarning(
      `Save version '${version.save}' did not match load version '${loaded}' for ${this.#text()}. This is strongly discouraged due to inconsistencies it may cause between 'save' and 'load' operations. Please refrain from setting exact load version for intermediate datasets where possible to avoid this warning.`,
    );
  }

  async #write(path: string, data: unknown, options: WriteOptions): Promise<void> {
    const { fileSystem, format } = this.#settings;
    if (format.writeTo === undefined) {
      await fileSystem.write(path, await format.encode(data), options);
    } else await format.writeTo(fileSystem, path, data, options);
  }

  async #toSaveError(cause: unknown, path: string): Promise<unknown> {
    if (!(cause instanceof DatasetError)) return cause;
    if (cause.code === 'file-exists') {
      const message = `Save path '${redactUrls(path)}' for ${this.#text()} must not exist if versioning is enabled.`;
      return new DatasetError('version-exists', message, { cause });
    }
    const { filepath, fileSystem } = this.#settings;
    const isInTheWay =
      (await fileSystem.exists(filepath)) && (await fileSystem.list(filepath)).length === 0;
    if (cause.code !== 'file-failed' || !isInTheWay) return cause;
    const name = fileName(filepath);
    return new DatasetError(
      'dataset-save-failed',
      `Cannot save versioned dataset '${name}' because a file with the same name already exists in its folder. This is likely because versioning was enabled on a dataset already saved previously. Either remove '${redactUrls(filepath)}' or make it a version by moving it to '${redactUrls(filepath)}/YYYY-MM-DDThh.mm.ss.sssZ/${name}'.`,
      { cause },
    );
  }

  async exists(): Promise<boolean> {
    try {
      return await this.#settings.fileSystem.exists(await this.#loadPath());
    } catch (error) {
      if (error instanceof DatasetError && error.code === 'version-not-found') return false;
      throw error;
    }
  }

  async release(): Promise<void> {
    this.#newest = undefined;
  }

  describe(): Readonly<Record<string, unknown>> {
    const { filepath, version, details } = this.#settings;
    return { filepath, version, ...details };
  }

  atVersion(version: string): Dataset {
    const { version: own } = this.#settings;
    if (own === undefined) return this;
    return new FileDataset({ ...this.#settings, version: { ...own, load: version } });
  }

  #text(): string {
    return describeDataset(this.#settings.context.type, this);
  }
}

const fileOptions = ['filepath', 'load_args', 'save_args', 'fs_args', 'credentials'];

/**
 * A dataset of one file from its catalog entry; `toFormat` reads what the format wants of it.
 * Throws `DatasetError`: `dataset-invalid`, `file-system-unknown`.
 */
export function createFileDataset(
  options: DatasetOptions,
  context: DatasetContext,
  toFormat: (reader: OptionReader) => FileFormat,
  moreOptions: readonly string[] = [],
): Dataset {
  const reader = readOptions(options, placeOf(context), [...fileOptions, ...moreOptions]);
  const filepath = reader.requiredText('filepath');
  const { version } = context;
  if (version !== undefined && /^https?:/u.test(prefixOf(filepath))) {
    throw new DatasetError(
      'dataset-invalid',
      `${placeOf(context)}: Versioning is not supported for HTTP protocols. Please remove the \`versioned\` flag from the dataset configuration.`,
    );
  }
  const base = fileSystemFor(filepath, context.fileSystems);
  const access = { credentials: reader.raw('credentials'), fsArgs: reader.map('fs_args') };
  const details = {
    load_args: Object.hasOwn(options, 'load_args') ? options['load_args'] : undefined,
    save_args: Object.hasOwn(options, 'save_args') ? options['save_args'] : undefined,
  };
  return new FileDataset({
    filepath,
    fileSystem: base.withAccess?.(access) ?? base,
    format: toFormat(reader),
    context,
    details,
    version,
  });
}
