import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const module = new URL('../../src/nodejs/disk-file-system.ts', import.meta.url).href;
/** Takes longer to save than the process has. */
const length = 60_000_000;

function saverThatLives(milliseconds: number): string {
  return `
import { createDiskFileSystem } from ${JSON.stringify(module)};
const files = createDiskFileSystem('.');
await files.write('replaced', 'old');
const data = Buffer.alloc(${length}, 'n');
setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${milliseconds});
await Promise.all([files.write('replaced', data), files.write('made', data, { mustBeNew: true })]);
setInterval(() => {}, 1000);`;
}

test.each([0, 2, 5, 10])(
  'a process that is killed %d ms after it began to save leaves the old files or the new ones',
  async (milliseconds) => {
    await using folder = createTemporaryFolder();
    const args = ['--input-type=module', '-e', saverThatLives(milliseconds)];
    const child = spawn(process.execPath, args, { cwd: folder.path, stdio: 'inherit' });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    const isNew = (bytes: Buffer) => bytes.equals(Buffer.alloc(length, 'n'));
    const read = async (name: string) => await readFile(path.join(folder.path, name));
    const replaced = await read('replaced');
    expect(replaced.toString('latin1') === 'old' || isNew(replaced)).toBe(true);
    const listed = await createDiskFileSystem(folder.path).list('.');
    if (listed.includes('made')) expect(isNew(await read('made'))).toBe(true);
    const others = (await readdir(folder.path)).filter((name) => !name.endsWith('.saving'));
    expect(others.toSorted()).toEqual(listed);
  },
);
