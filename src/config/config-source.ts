/**
 * Where configuration lies: a folder of environments (`base`, `local`, …), on disk, in memory or
 * elsewhere. Paths are relative to it, with forward slashes, without a leading one.
 */
export interface ConfigSource {
  /** Where it lies, for messages. */
  readonly place?: string | undefined;
  /**
   * All files below a folder, at any depth, hidden ones too; the empty string means the source
   * itself. Null when there is no such folder.
   */
  listFiles(folder: string): Promise<readonly string[] | null>;
  /** The text of a file, read as UTF-8; bytes that are not UTF-8 are an error. */
  readText(path: string): Promise<string>;
}
