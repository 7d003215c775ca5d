import { symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { fingerprintFolder } from '../../src/kedro/folder-fingerprint.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { eventually } from '../eventually.ts';

/** The fingerprint once the last edit is old enough to be trusted. */
async function settled(folder: TemporaryFolder): Promise<string> {
  return eventually(() => {
    const fingerprint = fingerprintFolder(folder.path);
    if (fingerprint === null) throw new Error('the last edit is too young');
    return fingerprint;
  });
}

test('an edit that has just been made is not trusted', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('a.yml', 'a: 1');
  expect(fingerprintFolder(folder.path)).toBeNull();
});

test('a folder that is not there has none', () => {
  expect(fingerprintFolder('/not/there')).toBeNull();
});

test.concurrent.each<[string, (folder: TemporaryFolder) => Promise<unknown>]>([
  ['a new file', async (folder) => folder.write('b/c.yml', 'c: 1')],
  ['another size', async (folder) => folder.write('a.yml', 'a: 10')],
  ['the same size', async (folder) => folder.write('a.yml', 'a: 2')],
  [
    'the same size and modification time',
    async (folder) => {
      const file = join(folder.path, 'a.yml');
      await writeFile(file, 'a: 2');
      await utimes(file, 1, 1);
    },
  ],
  ['a link', async (folder) => symlink('a.yml', join(folder.path, 'd.yml'))],
])('%s gives another', async (_, edit) => {
  await using folder = createTemporaryFolder();
  await utimes(await folder.write('a.yml', 'a: 1'), 1, 1);
  const before = await settled(folder);
  expect(await settled(folder)).toBe(before);
  await edit(folder);
  expect(await settled(folder)).not.toBe(before);
});
