import { cp } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';

/** Copies a project of `test/fixtures` to a folder of its own. */
export async function copyProject(
  name: 'tiny-kedro' | 'faults-kedro' | 'params-kedro',
): Promise<TemporaryFolder> {
  const folder = createTemporaryFolder();
  await cp(path.resolve(import.meta.dirname, '../fixtures', name), folder.path, {
    recursive: true,
  });
  return folder;
}
