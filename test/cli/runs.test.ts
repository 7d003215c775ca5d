import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createClient, type Run, type RunEvent } from '../../src/client/index.ts';
import { startCuttingProxy } from '../client/cutting-proxy.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { createTypescriptProject } from '../nodejs/typescript-project-folder.ts';
import { type CliEnd, type CliProcess, startCli } from './cli-process.ts';

/** With `factor` 0 it waits for a file, with -1 it fails. */
const nodes = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { logOf, type NodeContext } from 'kedro-server';
export async function scale(numbers: number[], factor: number, context: NodeContext) {
  const log = logOf(context);
  for (let line = 1; line <= 40; line += 1) log.print(\`line \${line}\`);
  log.warning('careful \\u001b[2J');
  while (factor === 0 && !existsSync('data/gate')) {
    context.signal.throwIfAborted();
    await setTimeout(5);
  }
  if (factor === -1) throw new RangeError('no factor');
  return numbers.map((number) => number * factor);
}
`;
const pipeline = `
import { node, pipeline } from 'kedro-server';
import { scale } from './nodes.ts';

export const createPipeline = () =>
  pipeline([
    node(scale, ['numbers', 'params:factor'], 'scaled', { name: 'scale', passContext: true }),
  ]);
`;

let project: TemporaryFolder;
let server: CliProcess;
let url: string;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  project = await createTypescriptProject({
    'src/pipelines/scale/nodes.ts': nodes,
    'src/pipelines/scale/pipeline.ts': pipeline,
  });
  server = startCli(['start', '--port', '0'], { cwd: project.path });
  url = await server.url;
  client = createClient({ url });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

async function runsCli(args: readonly string[], to = url): Promise<CliEnd> {
  await using cli = startCli(['runs', ...args], {
    cwd: project.path,
    env: { KEDRO_SERVER_URL: to },
  });
  return await cli.ended;
}

function jsonLines<Line>({ stdout }: CliEnd): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function untilRunning(id: string): Promise<void> {
  await expect.poll(async () => (await client.get(id)).progress.nodes_running).toEqual(['scale']);
}

describe('what has ended', () => {
  let good: Run;
  let bad: Run;
  beforeAll(async () => {
    const labels = { team: 'pricing' };
    const request = { outputs: ['scaled'], labels, params: { api_token: 'secret' } };
    good = await client.waitFor((await client.submit(request)).id);
    bad = await client.waitFor((await client.submit({ params: { factor: -1 } })).id);
  });

  test('is listed, as a table and as JSON', async () => {
    const [all, filtered, newest] = await Promise.all([
      runsCli(['list']),
      runsCli(['list', '--json', '--status', 'succeeded,lost', '--label', 'team:pricing']),
      runsCli(['list', '--limit', '1']),
    ]);
    expect(all).toMatchObject({ exitCode: 0, stderr: '' });
    const [heading = '', first = '', second = ''] = all.stdout.split('\n');
    expect(heading).toMatch(/^ID +STATUS +NODES +CREATED +TOOK +PIPELINES +LABELS$/);
    expect(first).toMatch(new RegExp(`^${bad.id}  failed +0/2  .*__default__$`));
    expect(second).toMatch(new RegExp(`^${good.id}  succeeded +2/2  .*team:pricing$`));
    expect(jsonLines<Run>(filtered)).toEqual([good]);
    expect(newest.stderr).toBe('There are more: raise --limit.\n');
  });

  test('is shown, with its error or its outputs, and no secrets', async () => {
    const [shown, failed] = await Promise.all([
      runsCli(['show', good.id]),
      runsCli(['show', bad.id]),
    ]);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^Status +succeeded$/m);
    expect(shown.stdout).toMatch(
      /^Request +params \{"api_token":"\*\*\*"\}, outputs \["scaled"\]$/m,
    );
    expect(shown.stdout).toMatch(`scaled (array, 7 bytes) ${url}/runs/${good.id}/outputs/scaled`);
    expect(failed.stdout).toMatch(/^Error +RangeError: no factor$/m);
    expect(failed.stdout).toMatch(/^In node +scale$/m);
  });

  test('is watched to its end, whose outcome is the exit code', async () => {
    const [succeeded, failed] = await Promise.all([
      runsCli(['watch', good.id]),
      runsCli(['watch', bad.id]),
    ]);
    expect(succeeded).toMatchObject({ exitCode: 0, stderr: '' });
    const lines = succeeded.stdout.trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      `Run ${good.id} (succeeded)`,
      'Running 2 nodes',
      '    scale | line 1',
    ]);
    expect(lines.slice(-4)).toEqual([
      String.raw`    scale | WARNING careful \x1b[2J`,
      expect.stringMatching(/^ {2}✓ \[1\/2\] scale {2}\d+\.\d\d s$/),
      expect.stringMatching(/^ {2}✓ \[2\/2\] sum {2}/),
      expect.stringMatching(/^Succeeded after \d/),
    ]);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(/The run failed in node 'scale' after .*: RangeError: no factor/);
  });

  test('has its log', async () => {
    const { stdout } = await runsCli(['logs', good.id]);
    expect(stdout.split('\n')[0]).toMatch(/^\d{4}-\S+Z INFO {5}\[scale\] line 1$/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(41);
  });

  test('cannot be cancelled, but retried', async () => {
    const [cancelled, retried] = await Promise.all([
      runsCli(['cancel', bad.id]),
      runsCli(['retry', bad.id, '--from', 'failed', '--json']),
    ]);
    expect(cancelled).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(bad.id) });
    expect(jsonLines<Run>(retried)[0]).toMatchObject({ retry_of: bad.id, attempt: 2 });
  });
});

describe('what is running', () => {
  test('is left running by Ctrl-C, and cancelled where that is wanted', async () => {
    const { id } = await client.submit({ params: { factor: 0 } });
    await untilRunning(id);
    {
      await using cli = startCli(['runs', 'watch', id, '--url', url], { cwd: project.path });
      await cli.said('line 40');
      cli.kill('SIGINT');
      const { exitCode, stderr } = await cli.ended;
      expect(exitCode).toBe(130);
      expect(stderr).toMatch(`Run ${id} goes on. 'kedro-server runs watch ${id}' shows it again`);
      expect((await client.get(id)).status).toBe('running');
    }
    const log = await runsCli(['logs', id]);
    expect(log.stdout).toMatch('line 40');
    const args = ['runs', 'watch', id, '--url', url, '--cancel-on-interrupt'];
    await using cli = startCli(args, { cwd: project.path });
    await cli.said('line 40');
    cli.kill('SIGINT');
    const { exitCode, stderr } = await cli.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/The run was cancelled/);
  });

  test('is watched over connections that break, nothing missing and nothing twice', async () => {
    const { id } = await client.submit({ params: { factor: 0 } });
    await untilRunning(id);
    const proxy = await startCuttingProxy(url, (index) =>
      index > 4 ? null : { cutAfter: 500 * (index + 1) },
    );
    await using cli = startCli(['runs', 'watch', id, '--json'], {
      cwd: project.path,
      env: { KEDRO_SERVER_URL: proxy.url },
    });
    await cli.said('line 40');
    await writeFile(path.join(project.path, 'data/gate'), '');
    const end = await cli.ended;
    expect(end.exitCode).toBe(0);
    const events = jsonLines<RunEvent>(end);
    expect(events.map((event) => event.id)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: 'succeeded' });
    expect(end.stderr).toMatch(/The connection was lost \(.*\): trying again/);
    expect(proxy.connections).toBeGreaterThan(4);
  });
});

test('a run that is not there, and a server that is not, come with what to do', async () => {
  const [unknown, unreachable] = await Promise.all([
    runsCli(['show', 'x']),
    runsCli(['list', '--url', 'http://127.0.0.1:9999']),
  ]);
  expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
  expect(unknown.stderr).toMatch(
    /no run 'x' at http.*'kedro-server runs list' shows those there are/,
  );
  expect(unreachable).toMatchObject({ exitCode: 1, stdout: '' });
  expect(unreachable.stderr).toMatch(/cannot be reached.*'kedro-server start'.*--url/);
});
