import { appendFile, readFile } from 'node:fs/promises';
import { parseKeys, type StoredKey } from '../door/stored-key.ts';
import { ServerSettingsError } from '../errors.ts';

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
