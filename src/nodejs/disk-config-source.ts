import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { ConfigSource } from '../config/config-source.ts';

/**
 * Configuration below a folder of this machine. `expected` folders may be missing: they are then
 * empty, as an environment is that git did not keep. Links are followed. Files are small and read
 * by blocking calls, which cost less than the threads of asynchronous ones.
 */
export function createDiskConfigSource(
  root: string,
  expected: ReadonlySet<string> = new Set(),
): ConfigSource {
  return {
    place: root,
    async listFiles(folder) {
      const files = listBelow(path.join(root, folder), folder, new Set());
      return files ?? (expected.has(folder) ? [] : null);
    },
    async readText(file) {
      const bytes = readFileSync(path.join(root, file));
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch (cause) {
        const message = `The configuration file "${file}" cannot be read: it is not UTF-8.`;
        throw new ConfigError('yaml-character-invalid', message, { cause });
      }
    },
  };
}

/** Null when there is no such folder. `above` has the folders on the way: links can make circles. */
function listBelow(place: string, shown: string, above: ReadonlySet<number>): string[] | null {
  const status = statSync(place, { throwIfNoEntry: false });
  if (status?.isDirectory() !== true || above.has(status.ino)) return null;
  const within = new Set([...above, status.ino]);
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(place, entry.name);
    const name = shown === '' ? entry.name : `${shown}/${entry.name}`;
    if (entry.isFile()) return [name];
    if (entry.isDirectory()) return listBelow(file, name, within) ?? [];
    if (!entry.isSymbolicLink()) return [];
    const target = statSync(file, { throwIfNoEntry: false });
    return target?.isFile() === true ? [name] : (listBelow(file, name, within) ?? []);
  });
}
