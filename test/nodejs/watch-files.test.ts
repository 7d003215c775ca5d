import { symlinkSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { watchFiles } from '../../src/nodejs/watch-files.ts';
import { createTemporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

test.each<[string, (folder: TemporaryFolder) => Promise<unknown>, string[]]>([
  ['an edit', (folder) => folder.write('src/a.py', 'a = 2\n'), ['src/a.py']],
  ['a new file in a new folder', (folder) => folder.write('src/b/c/d.py', ''), ['src/b/c/d.py']],
  ['a removed file', (folder) => rm(path.join(folder.path, 'src/a.py')), ['src/a.py']],
  ['a watched path that appears', (folder) => folder.write('conf/x.yml', ''), ['conf/x.yml']],
  ['a single file', (folder) => folder.write('pyproject.toml', 'b'), ['pyproject.toml']],
  ['an edit of the same size, saved by replacing', replaceFile, ['src/a.py']],
])('%s is reported', async (_, change, expected) => {
  await using folder = await createProject();
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  using watch = watchFiles({ paths: watchedPaths(folder), onChange: resolve, intervalMs: 10 });
  await watch.ready;
  await change(folder);
  const changed = await promise;
  expect(changed.map((file) => path.relative(folder.path, file))).toEqual(expected);
});

test('caches, hidden files and what editors leave do not count', async () => {
  await using folder = await createProject();
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  using watch = watchFiles({ paths: watchedPaths(folder), onChange: resolve, intervalMs: 10 });
  await watch.ready;
  const passedOver = [
    '__pycache__/a.pyc',
    '.a.py.swp',
    'a.py~',
    '.#a.py',
    '#a.py#',
    '4913',
    'a.tmp',
  ];
  for (const name of passedOver) await folder.write(`src/${name}`, 'x');
  await folder.write('src/real.py', '');
  expect(await promise).toEqual([path.join(folder.path, 'src/real.py')]);
});

test('a folder linked into itself is read once', async () => {
  await using folder = await createProject();
  symlinkSync(path.join(folder.path, 'src'), path.join(folder.path, 'src', 'self'));
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  using watch = watchFiles({ paths: watchedPaths(folder), onChange: resolve, intervalMs: 10 });
  await watch.ready;
  await folder.write('src/a.py', 'a = 10\n');
  expect(await promise).toEqual([path.join(folder.path, 'src/a.py')]);
});

async function createProject(): Promise<TemporaryFolder> {
  const folder = createTemporaryFolder();
  await folder.write('src/a.py', 'a = 1\n');
  await folder.write('pyproject.toml', '');
  await mkdir(path.join(folder.path, 'src', '__pycache__'));
  return folder;
}

function watchedPaths(folder: TemporaryFolder): string[] {
  return ['src', 'conf', 'pyproject.toml'].map((name) => path.join(folder.path, name));
}

async function replaceFile(folder: TemporaryFolder): Promise<void> {
  const file = await folder.write('src/.a.py.new', 'a = 3\n');
  await rename(file, path.join(folder.path, 'src/a.py'));
}
