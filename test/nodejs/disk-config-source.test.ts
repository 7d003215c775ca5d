import { mkdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
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

/** Acts again until the time of `place` shows it: what the source trusts is older than that. */
async function untilLater(place: string, act: () => Promise<unknown>): Promise<void> {
  const { ctimeMs } = await stat(place);
  do await act();
  while ((await stat(place)).ctimeMs === ctimeMs);
}

const inAMinute = () => Date.now() + 60_000;

const changes: readonly [string, (file: string) => Promise<void>][] = [
  ['a longer text', async (file) => writeFile(file, 'a: 22')],
  [
    'another text of the same length and time',
    async (file) => {
      const { atime, mtime } = await stat(file);
      await untilLater(file, async () => {
        await writeFile(file, 'a: 2');
        await utimes(file, atime, mtime);
      });
    },
  ],
  [
    'another file in its place',
    async (file) => {
      await writeFile(`${file}.new`, 'a: 2');
      await rename(`${file}.new`, file);
    },
  ],
];

test.each(changes)('%s is read at once, however long the file was as it is', async (_, change) => {
  await using folder = createTemporaryFolder();
  await folder.write('base/a.yml', 'a: 1');
  const source = createDiskConfigSource(folder.path, new Set(), inAMinute);
  expect(await source.readText('base/a.yml')).toBe('a: 1');
  await change(path.join(folder.path, 'base/a.yml'));
  expect(await source.readText('base/a.yml')).toMatch(/^a: 22?$/u);
});

test('what comes and goes in a folder is seen at once, also behind links', async () => {
  await using folder = createTemporaryFolder();
  const [base, deep, target] = ['base', 'base/deep', 'elsewhere.yml'].map((name) =>
    path.join(folder.path, name),
  ) as [string, string, string];
  await folder.write('base/deep/a.yml', '');
  const source = createDiskConfigSource(folder.path, new Set(), inAMinute);
  const listed = await source.listFiles('base');
  expect(await source.listFiles('base')).toBe(listed);
  await untilLater(deep, async () => {
    await rm(path.join(deep, 'b.yml'), { force: true });
    await writeFile(path.join(deep, 'b.yml'), '');
  });
  expect(await source.listFiles('base')).toHaveLength(2);
  await untilLater(deep, async () => {
    await writeFile(path.join(deep, 'a.yml'), '');
    await rm(path.join(deep, 'a.yml'));
  });
  expect(await source.listFiles('base')).toEqual(['base/deep/b.yml']);
  await writeFile(target, '');
  await untilLater(base, async () => {
    await rm(path.join(base, 'c.yml'), { force: true });
    await symlink(target, path.join(base, 'c.yml'));
  });
  expect(await source.listFiles('base')).toHaveLength(2);
  await rm(target);
  expect(await source.listFiles('base')).toEqual(['base/deep/b.yml']);
  await rm(base, { recursive: true });
  expect(await source.listFiles('base')).toBeNull();
});

test('a folder that is younger than its times can show is looked into each time', async () => {
  await using folder = createTemporaryFolder();
  await folder.write('base/a.yml', 'a: 1');
  const source = createDiskConfigSource(folder.path);
  const first = await source.listFiles('base');
  expect(await source.listFiles('base')).not.toBe(first);
});
