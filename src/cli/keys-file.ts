import type { Logger } from 'pino';
import { appendFile, readFile } from 'node:fs/promises';
import { parseKeys, type StoredKey } from '../door/stored-key.ts';
import { ServerSettingsError } from '../errors.ts';
import { type FileWatch, watchFiles } from '../nodejs/watch-files.ts';

/** Reads a file of keys. Throws `ServerSettingsError`. */
export async function readKeys(path: string): Promise<readonly StoredKey[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ServerSettingsError(
      `The file of keys '${path}' cannot be read. Make one with 'kedro-server keys new NAME --file ${path}'.`,
      { cause },
    );
  }
  return parseKeys(text, `'${path}'`);
}

/** A file of keys that is in use. */
export interface KeysFile {
  /** What was in it when it was last as it should be, with `others`. */
  keys(): readonly StoredKey[];
  /** Reads it again whenever it has changed. */
  watch(logger: Logger): FileWatch;
}

/** Opens a file of keys, to which `others` are added. Throws `ServerSettingsError`. */
export async function openKeysFile(path: string, others: readonly StoredKey[]): Promise<KeysFile> {
  let keys = [...(await readKeys(path)), ...others];

  async function readAgain(logger: Logger): Promise<void> {
    try {
      const read = await readKeys(path);
      keys = [...read, ...others];
      const message = `The file of keys was read again: it has ${read.length}`;
      logger.info({ event: 'keys.read', path, count: read.length }, message);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const message = `${problem} Until then the keys count that were there before.`;
      logger.error({ event: 'keys.unusable', path }, message);
    }
  }

  return {
    keys: () => keys,
    watch: (logger) => watchFiles({ paths: [path], onChange: () => void readAgain(logger) }),
  };
}

/** Puts a key at the end of a file, which is made if need be, for its user alone. */
export async function appendKey(path: string, stored: StoredKey): Promise<void> {
  const line = `${JSON.stringify(stored)}\n`;
  try {
    const last = await readFile(path, 'utf8').catch(() => '');
    parseKeys(last, `'${path}'`);
    const gap = last === '' || last.endsWith('\n') ? '' : '\n';
    await appendFile(path, `${gap}${line}`, { mode: 0o600 });
  } catch (error) {
    if (error instanceof ServerSettingsError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ServerSettingsError(`The file of keys '${path}' cannot be written: ${why}.`, {
      cause: error,
    });
  }
}
