import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Files of the API reference page, by name. */
export interface SwaggerAssets {
  /** The file's bytes, or null when there is none of that name. */
  read(name: string): Promise<Uint8Array | null>;
}

/** Reads the API reference page's files from the installed package `swagger-ui-dist`. */
export function createSwaggerAssets(): SwaggerAssets {
  const folder = path.dirname(
    createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'),
  );
  const files = new Map<string, Promise<Uint8Array | null>>();
  return {
    read(name) {
      if (!isFileName(name)) return Promise.resolve(null);
      const known = files.get(name);
      if (known !== undefined) return known;
      const file = readFile(path.join(folder, name)).catch(() => {
        files.delete(name);
        return null;
      });
      files.set(name, file);
      return file;
    },
  };
}

function isFileName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,63}$/.test(name);
}
