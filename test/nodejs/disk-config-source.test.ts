import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createDiskConfigSource } from '../../src/nodejs/disk-config-source.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

test('files are listed at any depth, behind links, hidden ones too', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('conf/base/catalog.yml', '');
  await folder.write('conf/base/catalog/deep/a.yml', '');
  await folder.write('conf/base/.hidden', '');
  await folder.write('mounted/..data/parameters.yml', 'a: 1');
  await mkdir(path.join(folder.path, 'conf/base/empty'));
  const link = async (target: string, name: string): Promise<void> => {
    await symlink(path.join(folder.path, target), path.join(folder.path, name));
  };
  await link('mounted/..data', 'conf/base/linked');
  await link('mounted/..data/parameters.yml', 'conf/base/parameters.yml');
  await link('conf', 'conf/base/circle');
  await link('nowhere', 'conf/base/broken.yml');
  const source = createDiskConfigSource(path.join(folder.path, 'conf'));
  const files = [
    'base/.hidden',
    'base/catalog.yml',
    'base/catalog/deep/a.yml',
    'base/linked/parameters.yml',
    'base/parameters.yml',
  ];
  expect((await source.listFiles('base'))?.toSorted()).toEqual(files);
  expect((await source.listFiles(''))?.toSorted()).toEqual(files);
  expect(await source.readText('base/linked/parameters.yml')).toBe('a: 1');
});

test('a folder that is missing is null, or empty where it may be missing', async () => {
  await using folder = createTemporaryFolder();
  const source = createDiskConfigSource(folder.path, new Set(['local']));
  expect(await source.listFiles('base')).toBeNull();
  expect(await source.listFiles('local')).toEqual([]);
});

test('bytes that are not UTF-8 are an error with the name of the file', async () => {
  await using folder = createTemporaryFolder();
  await writeFile(path.join(folder.path, 'a.yml'), Buffer.from([0x61, 0xff]));
  await expect(createDiskConfigSource(folder.path).readText('a.yml')).rejects.toMatchObject({
    name: 'ReaderError',
    message: 'The configuration file "a.yml" cannot be read: it is not UTF-8.',
  });
});
