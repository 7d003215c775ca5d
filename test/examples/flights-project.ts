import { cp, symlink } from 'node:fs/promises';
import path from 'node:path';

import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Copies one of the flights projects to a folder of its own, where it finds the same data. */
export async function copyFlights(name: 'flights' | 'flights-kedro'): Promise<TemporaryFolder> {
  const folder = createTemporaryFolder();
  await cp(path.join(root, 'examples', name), folder.path, {
    recursive: true,
    filter: (source) => !/[\\/](?:data|node_modules|local)$/u.test(source),
  });
  await symlink(path.join(root, 'node_modules'), path.join(folder.path, 'node_modules'));
  const source = path.join(root, 'node_modules/vega-datasets/data');
  await folder.write('conf/local/globals.yml', `source: ${JSON.stringify(source)}\n`);
  return folder;
}
