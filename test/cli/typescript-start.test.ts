import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { startCli } from './cli-process.ts';
import { postRun, type RunAnswer } from './served-project.ts';

const NODES = 'src/pipelines/scale/nodes.ts';

const waiting = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export async function scale(numbers: number[], factor: number): Promise<number[]> {
  if (factor === 0) process.emitWarning('waiting', 'ProjectWarning');
  while (factor === 0 && !existsSync('data/gate')) await setTimeout(5);
  if (factor === 0) void Promise.reject(new Error('nobody waits'));
  if (factor === -1) setImmediate(() => { throw new Error('thrown at nobody'); });
  while (factor === -1) await setTimeout(5);
  return numbers.map((number) => number + 1);
}
`;

async function readTotal(project: TemporaryFolder): Promise<unknown> {
  return JSON.parse(await readFile(path.join(project.path, 'data/total.json'), 'utf8'));
}

async function readHealth(url: string): Promise<number> {
  return (await fetch(`${url}/health`)).status;
}

async function readReadiness(url: string): Promise<unknown> {
  return await (await fetch(`${url}/readyz`)).json();
}

/** Where the functions of the default pipeline are written, by node. */
async function readSources(url: string): Promise<Record<string, unknown>> {
  const snapshot = (await (await fetch(`${url}/snapshot`)).json()) as {
    pipelines: { name: string; nodes: { name: string; source: unknown }[] }[];
  };
  const nodes = snapshot.pipelines.find(({ name }) => name === '__default__')?.nodes ?? [];
  return Object.fromEntries(nodes.map(({ name, source }) => [name, source]));
}

async function runUntil(url: string, isDone: (answer: RunAnswer) => boolean): Promise<RunAnswer> {
  return await vi.waitUntil(
    async () => {
      const answer = await postRun(url);
      return isDone(answer) && answer;
    },
    { timeout: 15_000, interval: 20 },
  );
}

test.each([
  ['127.0.0.1', [], 421],
  ['0.0.0.0', ['--allow-anonymous'], 200],
])('on %s with %j another name is answered with %i', async (host, flags, status) => {
  await using project = await createTypescriptProject();
  const args = ['start', '--port', '0', '--store', 'memory', '--host', host, ...flags];
  await using cli = startCli(args, { cwd: project.path });
  const { port } = new URL(await cli.url);
  expect(await sendRaw(port, 'Host: kedro.example.org')).toContain(` ${status} `);
  expect(await sendRaw(port, 'Host: localhost')).toContain(' 200 ');
  const page = 'Host: localhost\r\nSec-Fetch-Site: same-site\r\nOrigin: http://localhost:1';
  expect(await sendRaw(port, page)).toContain(' 403 ');
});

/** First line of the answer to a `GET /health` with these headers. */
async function sendRaw(port: string, headers: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET /health HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
  return (await text(socket)).split('\r\n', 1)[0] ?? '';
}

test('serves a project in TypeScript, and with --reload as it is on disk', async () => {
  await using project = await createTypescriptProject({ [NODES]: waiting });
  const cwd = path.join(project.path, 'src');
  const options = ['--reload', '--workers', '4', '--overlap', 'allow'];
  await using cli = startCli(['start', '--port', '0', ...options], { cwd });
  const url = await cli.url;
  expect(await readHealth(url)).toBe(200);
  expect(await postRun(url)).toMatchObject({ status: 'success' });
  expect(await readTotal(project)).toBe(9);
  expect(await readSources(url)).toEqual({
    scale: { filepath: NODES, line_start: 4, line_end: 11 },
    sum: { filepath: 'src/pipelines/sum/index.ts', line_start: 4, line_end: 6 },
  });

  const held = postRun(url, { params: { factor: 0 } });
  await cli.log({ event: 'process-warning', level: 'warn', type: 'ProjectWarning' });
  await project.write(NODES, `\n${waiting.replace('number + 1', 'number + + 2')}`);
  await cli.log({
    event: 'project-loaded',
    msg: `The project was loaded again: ${NODES} changed.`,
  });
  expect(await postRun(url)).toMatchObject({ status: 'success' });
  expect(await readTotal(project)).toBe(12);
  await project.write('data/gate', '');
  expect(await held).toMatchObject({ status: 'success' });
  expect(await readTotal(project)).toBe(9);
  expect((await readSources(url))['scale']).toEqual({
    filepath: NODES,
    line_start: 5,
    line_end: 12,
  });
  await cli.log({ event: 'unhandled-rejection', msg: /nobody waits/ });

  await project.write(NODES, waiting.replace('number + 1', 'number + * 2'));
  const broken = await runUntil(url, ({ status }) => status === 'failure');
  expect(broken.error).toEqual({
    type: 'SyntaxError',
    message: `${NODES}:10: Expression expected`,
  });
  expect(await readReadiness(url)).toMatchObject({
    status: 503,
    code: 'project-broken',
    detail: `The project cannot be used: SyntaxError: ${NODES}:10: Expression expected`,
  });
  expect(await cli.log({ event: 'project-broken' })).toMatchObject({
    level: 'error',
    traceback: expect.stringMatching(/nodes\.ts:10\n[^]*number \+ \* 2/),
  });
  await project.write(NODES, waiting.replace('number + 1', 'number * 2'));
  await runUntil(url, ({ status }) => status === 'success');
  expect(await readReadiness(url)).toMatchObject({ status: 'ready' });
  expect(await readTotal(project)).toBe(12);

  cli.kill('SIGTERM');
  const end = await cli.ended;
  expect(end).toMatchObject({ exitCode: 0, signal: null });
  expect(end.stdout).toMatch(/^Serving Sums on http:\S+ \(in TypeScript, docs at http:\S+\)\n$/);
  for (const line of end.stderr.trimEnd().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) });
  }
  expect(end.stderr).not.toContain('?generation');
});

test('an error that ends the process is in its log', async () => {
  await using project = await createTypescriptProject({ [NODES]: waiting });
  await using cli = startCli(['start', '--port', '0'], { cwd: project.path });
  const run = postRun(await cli.url, { params: { factor: -1 } });
  run.catch(() => {});
  expect(await cli.log({ event: 'uncaught-error' })).toMatchObject({
    level: 'fatal',
    msg: expect.stringContaining('thrown at nobody'),
  });
  expect(await cli.ended).toMatchObject({ exitCode: 1 });
  await expect(run).rejects.toThrow();
});

test('a project that cannot be loaded is served as unhealthy, until it is mended', async () => {
  await using project = await createTypescriptProject({
    'src/pipelines/sum/index.ts': 'import {}\nexport const createPipeline = ;\n',
  });
  await using cli = startCli(['start', '--port', '0'], { cwd: project.path });
  const url = await cli.url;
  expect(await readHealth(url)).toBe(503);
  const error = {
    type: 'SyntaxError',
    message: expect.stringMatching(/^src\/pipelines\/sum\/index\.ts:2: /),
  };
  expect(await postRun(url)).toMatchObject({ status: 'failure', error });
  const snapshot = await (await fetch(`${url}/snapshot`)).json();
  expect(snapshot).toMatchObject({ status: 'failure', error });
  expect(await cli.log({ event: 'project-broken' })).toMatchObject({ level: 'error' });
  await project.write(
    'src/pipelines/sum/index.ts',
    "import { pipeline } from 'kedro-server';\nexport const createPipeline = () => pipeline([]);\n",
  );
  expect(await postRun(url)).toMatchObject({ status: 'success' });
  expect(await readHealth(url)).toBe(200);
});

test.each([
  ['--python', '/bin/python3'],
  ['--max-worker-memory', '1GB'],
])('%s is refused for such a project', async (...args) => {
  await using project = await createTypescriptProject();
  await using cli = startCli(['start', ...args], { cwd: project.path });
  expect(await cli.ended).toMatchObject({
    exitCode: 2,
    stderr: `kedro-server: Option '${args[0]}' is for Python workers, but '${project.path}' is a project in TypeScript, whose runs are in this process. Leave it out.\n`,
  });
});
