import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const module = new URL('../../src/nodejs/disk-file-system.ts', import.meta.url).href;

/** Saves a small and a large file over and over, and new versions; says so each time. */
const saver = `
import { createDiskFileSystem } from ${JSON.stringify(module)};
const files = createDiskFileSystem('.');
for (let round = 0; ; round += 1) {
  const letter = 'ab'[round % 2];
  await files.write('small', letter.repeat(1000));
  await files.write('large', letter.repeat(400_000));
  await files.write('versions/' + round, letter.repeat(1000), { mustBeNew: true });
  process.stdout.write('.');
}`;

/** Kills a process that saves, with SIGKILL, when it has saved so often. */
async function killWhileSaving(folder: string, rounds: number): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', saver], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let saved = 0;
  child.stdout.on('data', (dots: Buffer) => {
    saved += dots.length;
    if (saved >= rounds) child.kill('SIGKILL');
  });
  expect((await exited)[1]).toBe('SIGKILL');
}

test.each([1, 2, 5, 9, 14])(
  'a process that is killed after %d saves leaves whole files only',
  async (rounds) => {
    await using folder = createTemporaryFolder();
    await killWhileSaving(folder.path, rounds);
    const wholes = { small: /^(?:a{1000}|b{1000})$/u, large: /^(?:a{400000}|b{400000})$/u };
    for (const [name, whole] of Object.entries(wholes)) {
      expect(await readFile(path.join(folder.path, name), 'utf8')).toMatch(whole);
    }
    const versions = (await createDiskFileSystem(folder.path).list('versions')).map(Number);
    expect(versions.length).toBeGreaterThanOrEqual(rounds);
    for (const version of versions) {
      const text = await readFile(path.join(folder.path, 'versions', String(version)), 'utf8');
      expect(text).toMatch(wholes.small);
    }
    const names = await readdir(folder.path);
    expect(names.filter((name) => !name.endsWith('.saving')).toSorted()).toEqual([
      'large',
      'small',
      'versions',
    ]);
  },
);
