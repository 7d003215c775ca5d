import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const program = join(import.meta.dirname, 'serve-program.ts');

test.each([
  ['node', process.execPath, []],
  ['deno', join(root, 'node_modules/.bin/deno'), ['run', '--allow-all']],
  ['bun', join(root, 'node_modules/.bin/bun'), []],
])('serve on %s shares no port, and ends without an answer that never comes', async (...given) => {
  const [runtime, command, options] = given;
  const args = [...options, program, runtime, process.execPath];
  const { stdout } = await promisify(execFile)(command, args, { cwd: root });
  expect(JSON.parse(stdout)).toEqual({ second: 'port-in-use' });
});
