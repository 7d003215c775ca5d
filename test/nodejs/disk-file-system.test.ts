import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import type { FileSystem } from '../../src/catalog/file-system.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

interface Place extends AsyncDisposable {
  readonly files: FileSystem;
}

const places: readonly [string, () => Place][] = [
  [
    'on disk',
    () => {
      const folder = createTemporaryFolder();
      return {
        files: createDiskFileSystem(folder.path),
        [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
      };
    },
  ],
  [
    'in memory',
    () => ({ files: createMemoryFileSystem(), [Symbol.asyncDispose]: () => Promise.resolve() }),
  ],
];

async function textOf(files: FileSystem, file: string): Promise<string> {
  return new TextDecoder().decode(await files.read(file));
}

describe.each(places)('files %s', (_, open) => {
  test('are read as they were written, small, empty and large', async () => {
    await using place = open();
    const { files } = place;
    for (const size of [0, 1, 300_000]) {
      const bytes = Uint8Array.from({ length: size }, (__, index) => index % 251);
      await files.write('a/b.bin', bytes);
      expect(Buffer.compare(await files.read('a/b.bin'), bytes)).toBe(0);
    }
    await files.write('./a/text', 'é😀');
    expect(await textOf(files, 'a/text')).toBe('é😀');
  });

  test('are listed below a folder, sorted', async () => {
    await using place = open();
    const { files } = place;
    for (const file of ['d/b', 'd/a/z', 'd/ü', 'd/B', 'dd/x']) await files.write(file, '');
    expect(await files.list('d')).toEqual(['B', 'a/z', 'b', 'ü']);
    expect(await files.list('none')).toEqual([]);
    expect(await files.list('d/b')).toEqual([]);
    expect(await files.exists('d')).toBe(true);
    expect(await files.exists('d/none')).toBe(false);
    await files.remove('d');
    await files.remove('d');
    expect(await files.list('.')).toEqual(['dd/x']);
  });

  test('that are missing, new or in the way are told apart', async () => {
    await using place = open();
    const { files } = place;
    await expect(files.read('none')).rejects.toMatchObject({
      code: 'file-not-found',
      message: "No such file: 'none'.",
    });
    await files.write('a', '1', { mustBeNew: true });
    await expect(files.write('a', '2', { mustBeNew: true })).rejects.toMatchObject({
      code: 'file-exists',
    });
    await expect(files.write('a/b', '2')).rejects.toMatchObject({ code: 'file-failed' });
    expect(await textOf(files, 'a')).toBe('1');
    await files.write('folder/x', '');
    await expect(files.write('folder', '')).rejects.toMatchObject({ code: 'file-failed' });
    expect(await files.list('.')).toEqual(['a', 'folder/x']);
  });

  test.each(['../x', 'a/../../x'])('do not lie outside: %s', async (file) => {
    await using place = open();
    const { files } = place;
    await expect(files.read(file)).rejects.toMatchObject({ code: 'path-refused' });
    await expect(files.write(file, '')).rejects.toMatchObject({ code: 'path-refused' });
    await expect(files.exists(file)).rejects.toMatchObject({ code: 'path-refused' });
  });
});

describe('on disk', () => {
  test('absolute paths and file URLs are taken as they are, without ..', async () => {
    await using folder = createTemporaryFolder();
    const files = createDiskFileSystem(path.join(folder.path, 'project'));
    const outside = path.join(folder.path, 'out.txt');
    await files.write(outside, 'x');
    expect(await textOf(files, pathToFileURL(outside).href)).toBe('x');
    const config = { ds: { type: 'text.TextDataset', filepath: pathToFileURL(outside).href } };
    const catalog = createDataCatalog({ config, fileSystems: { '': files } });
    expect(await catalog.load('ds')).toBe('x');
    const sly = `${folder.path}/project/../out.txt`;
    await expect(files.read(sly)).rejects.toMatchObject({ code: 'path-refused' });
    await expect(files.remove('.')).rejects.toMatchObject({ code: 'path-refused' });
  });

  test('parts of a file are read', async () => {
    await using folder = createTemporaryFolder();
    await folder.write('a', '0123456789');
    const file = await createDiskFileSystem(folder.path).open?.('a');
    expect(file?.byteLength).toBe(10);
    expect(new TextDecoder().decode(await file?.slice(2, 5))).toBe('234');
    expect(new TextDecoder().decode(await file?.slice(8))).toBe('89');
  });

  test.each([10, 300_000])(
    'a save of %d bytes that fails leaves the old file alone',
    async (size) => {
      await using folder = createTemporaryFolder();
      const files = createDiskFileSystem(folder.path);
      await mkdir(path.join(folder.path, 'taken', 'by a folder'), { recursive: true });
      await expect(files.write('taken', 'x'.repeat(size))).rejects.toMatchObject({
        code: 'file-failed',
      });
      expect(await readdir(folder.path)).toEqual(['taken']);
    },
  );

  test('who reads while others write sees whole files only', async () => {
    await using folder = createTemporaryFolder();
    const files = createDiskFileSystem(folder.path);
    const texts = ['a', 'b'].map((letter) => letter.repeat(400_000));
    await files.write('f', texts[0] ?? '');
    const writes = Array.from({ length: 10 }, (_, index) =>
      files.write('f', texts[index % 2] ?? ''),
    );
    const reads = Array.from(
      { length: 20 },
      async () => await readFile(path.join(folder.path, 'f'), 'utf8'),
    );
    for (const found of await Promise.all(reads)) expect(texts.includes(found)).toBe(true);
    await Promise.all(writes);
    expect(await readdir(folder.path)).toEqual(['f']);
  });

  test('of those who save one new file at once, one wins', async () => {
    await using folder = createTemporaryFolder();
    const files = createDiskFileSystem(folder.path);
    const large = 'x'.repeat(400_000);
    const saved = await Promise.allSettled(
      Array.from({ length: 5 }, () => files.write('v/f', large, { mustBeNew: true })),
    );
    expect(saved.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('leftovers of a crash are not listed', async () => {
    await using folder = createTemporaryFolder();
    await writeFile(path.join(folder.path, '.a.0.saving'), 'half');
    await folder.write('a', '');
    expect(await createDiskFileSystem(folder.path).list('.')).toEqual(['a']);
  });
});
