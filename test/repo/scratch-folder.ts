import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { root } from './source-files.ts';

export interface ScratchFolder extends Disposable {
  /** Absolute; two levels below the repository's root, so that its packages are found from there. */
  readonly path: string;
}

/** Makes a folder below `.cache/` that holds `files` (text by path); disposing of it removes it. */
export function createScratchFolder(files: Readonly<Record<string, string>>): ScratchFolder {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const path = mkdtempSync(join(root, '.cache', 'scratch-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
