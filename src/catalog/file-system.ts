import { DatasetError } from './dataset-error.ts';

/** Bytes of a file that are read in parts. */
export interface FileSlices {
  readonly byteLength: number;
  /** `end` is exclusive; without one, to the end of the file. */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** What a dataset says about how its file is reached. */
export interface FileAccess {
  /** In place of the name that the catalog has; undefined where there are none. */
  readonly credentials: unknown;
  /** `fs_args` of the entry. */
  readonly fsArgs: Readonly<Record<string, unknown>>;
}

export interface WriteOptions {
  /** Fails with `file-exists` when there is such a file, also one that comes up meanwhile. */
  readonly mustBeNew?: boolean | undefined;
}

/**
 * Files by path, with forward slashes. Paths are handed over as they stand in the catalog, URL
 * prefix included. Errors are `DatasetError`s: `file-not-found`, `file-exists`, `file-failed`,
 * `path-refused`.
 */
export interface FileSystem {
  read(path: string): Promise<Uint8Array>;
  /** Whole or not at all: who reads meanwhile, or after a crash, sees the old file or the new one. */
  write(path: string, data: Uint8Array | string, options?: WriteOptions): Promise<void>;
  /** Whether there is a file, or a folder with one below it. */
  exists(path: string): Promise<boolean>;
  /**
   * Every file below a folder, at any depth, by its path from there, sorted by code points; none
   * when there is no such folder.
   */
  list(folder: string): Promise<readonly string[]>;
  /** Removes a file, or a folder and all below it; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** For formats that read only parts of a file; without it, files are read whole. */
  open?(path: string): Promise<FileSlices>;
  /** Where files are the machine's own: for programs that read and write them by themselves. */
  readonly local?: LocalFiles;
  /**
   * The same files, but none that lies outside of its root, and of these others, once links are
   * resolved; only where there are links.
   */
  confine?(roots: readonly string[]): FileSystem;
  /** The same files, reached with credentials; without it, they are ignored. */
  withAccess?(access: FileAccess): FileSystem;
}

export interface LocalFiles {
  /** Where the file is on this machine. */
  pathOf(path: string): string;
  /** The same, once all links are resolved; of two ways to one file both give the same. */
  realPathOf?(path: string): string;
  /** As `write`, by a function that writes a file at the place it is given. */
  writeBy(
    path: string,
    fill: (place: string) => Promise<void>,
    options?: WriteOptions,
  ): Promise<void>;
}

/** By URL prefix (`'s3://'`, `'https://'`); `''` is for paths without one. */
export type FileSystems = Readonly<Record<string, FileSystem>>;

/** `'s3://'` for `'s3://bucket/key'`; `''` for a path of this machine, also as `file://`. */
export function prefixOf(path: string): string {
  const prefix = /^[a-z][a-z0-9+.-]*:\/\//iu.exec(path)?.[0].toLowerCase() ?? '';
  return prefix === 'file://' ? '' : prefix;
}

/** The file system that a path belongs to. Throws `DatasetError` (`file-system-unknown`). */
export function fileSystemFor(path: string, fileSystems: FileSystems): FileSystem {
  const prefix = prefixOf(path);
  const found = Object.hasOwn(fileSystems, prefix) ? fileSystems[prefix] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(fileSystems).map((each) => (each === '' ? 'plain paths' : each));
  throw new DatasetError(
    'file-system-unknown',
    `No file system is set up for ${prefix === '' ? 'paths without a URL prefix' : `'${prefix}'`}; there ${known.length === 0 ? 'are none' : `is one for ${known.join(', ')}`}. Give one to the catalog's fileSystems.`,
  );
}

/** The same file systems, for paths that strangers had a part in. */
export function confineFileSystems(
  fileSystems: FileSystems,
  roots: readonly string[],
): FileSystems {
  return Object.fromEntries(
    Object.entries(fileSystems).map(([prefix, each]) => [prefix, each.confine?.(roots) ?? each]),
  );
}

export function fileNotFound(path: string, options?: ErrorOptions): DatasetError {
  return new DatasetError('file-not-found', `No such file: '${path}'.`, options);
}
