import { readFileSync } from 'node:fs';
import { ServerSettingsError } from '../errors.ts';

/** The text of a file, null when there is none. Throws `ServerSettingsError` when it cannot be read. */
export function readTextOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw new ServerSettingsError(`Cannot read '${file}': ${String(error)}`, { cause: error });
  }
}
