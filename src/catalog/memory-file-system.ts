import { compareCodePoints } from '../names/compare-code-points.ts';
import { DatasetError } from './dataset-error.ts';
import type { FileSystem, WriteOptions } from './file-system.ts';
import { fileNotFound, prefixOf } from './file-system.ts';

/** Segments joined again; throws when `..` leads above the root. */
function normalize(path: string): string {
  const segments: string[] = [];
  for (const segment of path.slice(prefixOf(path).length).split('/')) {
    if (segment === '..' && segments.pop() === undefined) {
      throw new DatasetError('path-refused', `The path '${path}' leads above its root.`);
    }
    if (segment !== '' && segment !== '.' && segment !== '..') segments.push(segment);
  }
  return segments.join('/');
}

/** Files that live as long as this object: for tests, and where there is no disk. */
export function createMemoryFileSystem(
  initial: Readonly<Record<string, Uint8Array | string>> = {},
): FileSystem {
  const files = new Map<string, Uint8Array>();
  const encoder = new TextEncoder();

  function put(path: string, data: Uint8Array | string): void {
    files.set(normalize(path), typeof data === 'string' ? encoder.encode(data) : data.slice());
  }

  function below(folder: string): readonly string[] {
    const start = normalize(folder);
    const prefix = start === '' ? '' : `${start}/`;
    return [...files.keys()]
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length))
      .toSorted(compareCodePoints);
  }

  function checkPlace(path: string): void {
    const segments = normalize(path).split('/');
    const isInFile = segments.some(
      (_, end) => end > 0 && files.has(segments.slice(0, end).join('/')),
    );
    if (isInFile || below(path).length > 0) {
      throw new DatasetError(
        'file-failed',
        `Cannot write '${path}': ${isInFile ? 'a part of its folder is a file' : 'it is a folder'}.`,
      );
    }
  }

  for (const [path, data] of Object.entries(initial)) put(path, data);

  return {
    async read(path) {
      const data = files.get(normalize(path));
      if (data === undefined) throw fileNotFound(path);
      return data.slice();
    },
    async write(path, data, { mustBeNew = false }: WriteOptions = {}) {
      checkPlace(path);
      if (mustBeNew && files.has(normalize(path))) {
        throw new DatasetError('file-exists', `There is a file '${path}' already.`);
      }
      put(path, data);
    },
    async exists(path) {
      return files.has(normalize(path)) || below(path).length > 0;
    },
    async list(folder) {
      return below(folder);
    },
    async remove(path) {
      const start = normalize(path);
      files.delete(start);
      for (const file of below(path)) files.delete(start === '' ? file : `${start}/${file}`);
    },
  };
}
