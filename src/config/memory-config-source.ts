import { ConfigError } from './config-error.ts';
import type { ConfigSource } from './config-source.ts';

/**
 * Configuration that is part of the program, for runtimes without a file system: texts by path,
 * `{ 'base/catalog.yml': '…' }`. A folder is there when a file lies below it.
 */
export function createMemoryConfigSource(files: Readonly<Record<string, string>>): ConfigSource {
  const texts = new Map(Object.entries(files));
  return {
    listFiles: (folder) => {
      const start = folder === '' ? '' : `${folder}/`;
      const paths = [...texts.keys()].filter((path) => path.startsWith(start));
      return Promise.resolve(paths.length === 0 ? null : paths);
    },
    readText: (path) => {
      const text = texts.get(path);
      if (text !== undefined) return Promise.resolve(text);
      const message = `There is no configuration file "${path}".`;
      return Promise.reject(new ConfigError('config-missing', message));
    },
  };
}
