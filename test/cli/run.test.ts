import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import { kedroPython } from '../python-env.ts';
import { startCli, type CliEnd } from './cli-process.ts';
import { copyProject } from './kedro-project-copy.ts';

const sum = `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { logOf, node, pipeline, type NodeContext } from 'kedro-server';

async function sum(numbers: number[], mode: string, context: NodeContext): Promise<number> {
  logOf(context).print('summing\\nnow');
  if (mode === 'throw') throw new RangeError('too much');
  if (mode === 'never') await new Promise(() => {});
  if (mode === 'exit') process.exit(3);
  if (mode === 'stray') setImmediate(() => Promise.reject(new RangeError('stray')));
  if (mode === 'loop') await setTimeout(1);
  while (mode === 'loop');
  if (mode === 'wait') {
    writeFileSync('data/waiting', process.cwd());
    await setTimeout(60_000, null, { signal: context.signal });
  }
  return numbers.reduce((total, number) => total + number, 0);
}

export function createPipeline() {
  return pipeline([
    node(sum, ['scaled', 'params:mode'], 'total', { name: 'sum', passContext: true, tags: 'end' }),
  ]);
}
`;

let project: TemporaryFolder;

beforeAll(async () => {
  project = await createTypescriptProject({
    'src/pipelines/sum/index.ts': sum,
    'conf/base/parameters.yml': 'factor: 2\nmode: none\n',
  });
});

afterAll(() => project[Symbol.asyncDispose]());

async function run(...args: readonly string[]): Promise<CliEnd> {
  await using cli = startCli(['run', ...args], { cwd: path.join(project.path, 'src') });
  return await cli.ended;
}

async function readTotal(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folder, 'data/total.json'), 'utf8'));
}

test('a run shows its nodes, and what they print', async () => {
  const { exitCode, stdout, stderr } = await run('--params', 'factor=10');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout.replaceAll(/\d+\.\d\d s/g, '0 s')).toBe(
    [
      'Running 2 nodes',
      '  ✓ [1/2] scale  0 s',
      '    sum | summing',
      '    sum | now',
      '  ✓ [2/2] sum  0 s',
      'Succeeded after 0 s',
      '',
    ].join('\n'),
  );
  expect(await readTotal(project.path)).toBe(60);
});

test('a run that fails names the node, the place and from where to go on', async () => {
  const { exitCode, stdout, stderr } = await run('--params=mode=throw');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^kedro-server: The run failed in node 'sum' after \d+\.\d\d s: RangeError: too much\n$/,
  );
  expect(stdout).toContain("Node 'sum' failed with error:\n");
  expect(stdout).toContain('at sum (src/pipelines/sum/index.ts:8:31)\n');
  expect(stdout).toContain('✗ [1/2] sum: RangeError: too much\n');
  expect(stdout).toContain('--from-nodes "scale"\n');
});

test.each([
  ['never', /^kedro-server: The run failed .*RunStalled: Node 'sum' waits for a promise that noth/],
  [
    'exit',
    /^kedro-server: The run crashed .*SystemExit: Node 'sum' has ended the process with exit/,
  ],
  ['stray', /^kedro-server: The run crashed .*RangeError: stray \(thrown where no node waits/],
])('a node that goes astray (%s) is told', async (mode, message) => {
  const { exitCode, stderr } = await run('--params', `mode=${mode}`);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(message);
});

test('Ctrl-C cancels the run, and a node that looks at its signal ends', async () => {
  await using cli = startCli(['run', '--params', 'mode=wait'], { cwd: project.path });
  await cli.printed('summing');
  cli.kill('SIGINT');
  const { exitCode, stderr, stdout } = await cli.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/^Cancelling …\nkedro-server: The run was cancelled in node 'sum'/);
  expect(stdout).not.toContain('Succeeded');
  expect(await readFile(path.join(project.path, 'data/waiting'), 'utf8')).toBe(project.path);
});

test('Ctrl-C also ends a node that computes without pause', async () => {
  const args = ['run', '--params', 'mode=loop', '--grace', '0.1'];
  await using cli = startCli(args, { cwd: project.path });
  await cli.printed('summing');
  cli.kill('SIGINT');
  const { exitCode, stderr } = await cli.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/RunCancelled: Node 'sum' did not stop, and was ended with its thread\./);
});

test('what cannot be run is an error with exit code 1', async () => {
  const { exitCode, stderr } = await run('--pipelines', 'smu');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/ValueError: Failed to find the pipeline named 'smu'.*\n? +sum\n/s);
});

test('a project that cannot be loaded says where, without the insides of Node.js', async () => {
  await using broken = await createTypescriptProject({
    'src/pipelines/sum/index.ts': null,
    'src/pipelines/sum/index.js': 'export const createPipeline = (;\n',
  });
  await using cli = startCli(['run'], { cwd: broken.path });
  const { exitCode, stdout, stderr } = await cli.ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(
    /^kedro-server: The project cannot be loaded: SyntaxError: src\/pipelines\/sum\/index\.js: Unexpected token ';'\n/,
  );
  expect(stderr).not.toContain('node:internal');
});

describe.skipIf(inject('pythonMissing') !== null)('a Kedro project', () => {
  test('runs by the same command line', async () => {
    await using kedro = await copyProject('tiny-kedro');
    const python = await kedroPython('newest');
    await using cli = startCli(['run', '--python', python, '--params', 'factor=3.0'], {
      cwd: kedro.path,
    });
    const { exitCode, stdout, stderr } = await cli.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/Running 2 nodes\n[^]*\[2\/2\] [^]*Succeeded after/);
    expect(await readTotal(kedro.path)).toEqual({ total: 18 });
  });
});
