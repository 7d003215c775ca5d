import { expect, test } from 'vitest';

import { runTool } from './run-tool.ts';
import { createScratchFolder } from './scratch-folder.ts';

const config = `
  import { defineConfig } from 'vitest/config';
  import { TallyReporter } from '../../test/tally-reporter.ts';
  export default defineConfig({
    test: { globalSetup: './setup.ts', reporters: ['default', new TallyReporter()] },
  });`;
const setup = `export function setup({ provide }) { provide('pythonMissing', null); }`;
const head = `import { afterAll, beforeAll, describe, expect, test } from 'vitest';`;
const pass = `test('passes', () => {});`;

/** Runs Vitest on seeded files; those that are tests get the imports. */
async function runSeeded(files: Readonly<Record<string, string>>) {
  const seeded: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) seeded[name] = `${head}\n${text}`;
  using scratch = createScratchFolder({
    'vitest.config.ts': config,
    'setup.ts': setup,
    ...seeded,
  });
  const { exitCode, stdout } = await runTool('vitest', ['run'], { cwd: scratch.path });
  return { exitCode, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

test('counts what passes and is skipped', async () => {
  const run = await runSeeded({
    'a.test.ts': `${pass} describe('inner', () => { ${pass} }); test.skip('b', () => {});`,
    'b.test.ts': pass,
  });
  expect(run).toMatchObject({ exitCode: 0, lastLine: '3 passed, 0 failed, 1 skipped' });
});

test('counts every way to fail once', async () => {
  const run = await runSeeded({
    'test.test.ts': `${pass} test('fails', () => expect(1).toBe(2));`,
    'load.test.ts': `throw new Error('no');`,
    'syntax.test.ts': `test('a', `,
    'after.test.ts': `${pass} afterAll(() => { throw new Error('no'); });`,
    'before.test.ts': `describe('s', () => { beforeAll(() => { throw new Error('no'); }); ${pass} });`,
    'uncaught.test.ts': `${pass} void Promise.reject(new Error('no'));`,
  });
  expect(run).toMatchObject({ exitCode: 1, lastLine: '3 passed, 6 failed, 1 skipped' });
});

test('counts what a worker that dies leaves behind', async () => {
  const run = await runSeeded({
    'a.test.ts': `test('dies', () => process.kill(process.pid, 9));`,
    'b.test.ts': pass,
  });
  // The test that never ended, and the error that says so.
  expect(run).toMatchObject({ exitCode: 1, lastLine: '1 passed, 2 failed' });
});

test('counts a global set-up that fails', async () => {
  const run = await runSeeded({
    'setup.ts': `export function setup() { throw new Error('no'); }`,
    'a.test.ts': pass,
  });
  expect(run).toMatchObject({ exitCode: 1, lastLine: '0 passed, 1 failed' });
});

test('says loudly why suites were skipped that need what is missing', async () => {
  const run = await runSeeded({
    'setup.ts': `export function setup({ provide }) { provide('pythonMissing', 'python3: gone'); provide('postgresMissing', 'refused'); provide('redisMissing', 'away'); provide('chromiumMissing', 'no libnss3'); }`,
    'a.test.ts': `test.skip('a', () => {});`,
  });
  expect(run.stdout).toMatch(/NO PYTHON WITH KEDRO.*\npython3: gone\n/);
  expect(run.stdout).toMatch(/NO POSTGRESQL.*\nrefused\n/);
  expect(run.stdout).toMatch(/NO REDIS.*\naway\n/);
  expect(run.stdout).toMatch(/NO CHROMIUM.*\nno libnss3\n/);
  expect(run.lastLine).toBe('0 passed, 0 failed, 1 skipped');
});
