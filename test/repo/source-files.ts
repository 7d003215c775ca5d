import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface SourceFile {
  /** Relative to the folder it was looked for in, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Reads the files of the repository's `folder` that fit a glob pattern. */
export function readSourceFiles(folder: string, pattern: string): SourceFile[] {
  const cwd = join(root, folder);
  return globSync(pattern, { cwd, exclude: ['**/node_modules/**', '**/.venv/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(cwd, path), 'utf8') }));
}
