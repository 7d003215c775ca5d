import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ConfigSource } from '../../src/config/config-source.ts';

/** Configuration below a folder of the disk. */
export function createDiskConfigSource(root: string): ConfigSource {
  return {
    async listFiles(folder) {
      const entries = await readdir(join(root, folder), {
        recursive: true,
        withFileTypes: true,
      }).catch(() => null);
      const files = entries?.filter((entry) => entry.isFile()) ?? null;
      return (
        files?.map((entry) =>
          relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'),
        ) ?? null
      );
    },
    async readText(path) {
      const bytes = await readFile(join(root, path));
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    },
  };
}
