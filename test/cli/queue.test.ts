import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createClient } from '../../src/client/index.ts';
import { eventually } from '../eventually.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { createRedisPrefix, redisUrl, removeRedisPrefix } from '../redis.ts';
import { type CliProcess, startCli } from './cli-process.ts';
import { processGone } from './processes.ts';

const entry = path.resolve(import.meta.dirname, '../../src/adapters/node.ts');

/** Each node tells that it begins, by its process's id in a file. */
const projectFile = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineProject, node, pipeline } from ${JSON.stringify(entry)};

function begin(file) {
  appendFileSync(file, process.pid + '\\n');
}
function block(file, ms) {
  begin(file);
  const until = performance.now() + ms;
  while (performance.now() < until);
  return 'blocked';
}
async function hold(file, gate, { signal }) {
  begin(file);
  while (!existsSync(gate)) await delay(10, undefined, { signal });
  return 'held';
}
const inputs = ['params:file', 'params:ms'];
export const project = defineProject({
  projectName: 'Queued',
  packageName: 'queued',
  pipelines: {
    __default__: pipeline([]),
    block: pipeline([node(block, inputs, 'out', { name: 'block' })]),
    hold: pipeline([
      node(hold, ['params:file', 'params:gate'], 'out', { name: 'hold', passContext: true }),
    ]),
  },
  config: { 'base/parameters.yml': 'file: none\\nms: 0\\ngate: none\\n', 'base/catalog.yml': '' },
});
`;

const lostAfterS = 3;

describe.skipIf(inject('redisMissing') !== null)('a queue', () => {
  const queue = createRedisPrefix();
  const folder = createTemporaryFolder();
  const processes: CliProcess[] = [];
  let urls: readonly string[] = [];
  let worker: CliProcess;

  const start = (...args: readonly string[]): CliProcess => {
    const made = startCli([...args, '--queue', redisUrl, '--queue-name', queue], {
      cwd: folder.path,
    });
    processes.push(made);
    return made;
  };
  const startWorker = async (): Promise<CliProcess> => {
    const made = start('worker', '--concurrency', '2', '--lost-after', String(lostAfterS));
    await made.printed('Working on Queued');
    return made;
  };

  beforeAll(async () => {
    const kedro = { projectName: 'Queued', packageName: 'queued' };
    await folder.write('package.json', JSON.stringify({ type: 'module', kedro }));
    await folder.write('src/project.ts', projectFile);
    worker = await startWorker();
    const servers = [1, 2].map(() => start('start', '--port', '0'));
    urls = await Promise.all(servers.map(({ url }) => url));
  });
  afterAll(async () => {
    await Promise.all(processes.map((each) => each[Symbol.asyncDispose]()));
    await folder[Symbol.asyncDispose]();
    await removeRedisPrefix(queue);
  });

  const client = (server: number) => createClient({ url: urls[server] ?? '' });
  const fileOf = (name: string): string => path.join(folder.path, name);
  const pidsIn = async (file: string): Promise<readonly number[]> =>
    (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean).map(Number);

  async function submitHeld(name: string) {
    const file = fileOf(name);
    const run = await client(0).submit({
      pipeline_names: ['hold'],
      params: { file, gate: `${file}-gate` },
    });
    const [pid] = await eventually(async () => {
      const pids = await pidsIn(file);
      expect(pids).toHaveLength(1);
      return pids;
    });
    return { id: run.id, pid: pid ?? 0, open: () => appendFile(`${file}-gate`, '') };
  }

  test('tells the same of a run at every server, and goes on with its events', async () => {
    const { id, open } = await submitHeld('told');
    const first = [];
    for await (const event of client(0).follow(id)) {
      first.push(event);
      if (event.type === 'node.started') break;
    }
    await open();
    const rest = [];
    for await (const event of client(1).follow(id, { after: first.at(-1)?.id ?? 0 })) {
      rest.push(event);
    }
    const ids = [...first, ...rest].map((event) => event.id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(rest.at(-1)).toMatchObject({ type: 'run.ended', status: 'succeeded' });
  });

  test('runs a node once that blocks its process for longer than a lock holds', async () => {
    const file = fileOf('blocked');
    const ms = lostAfterS * 1000 + 1000;
    const run = await client(0).submit({ pipeline_names: ['block'], params: { file, ms } });
    expect(await client(1).waitFor(run.id)).toMatchObject({ status: 'succeeded' });
    expect(await pidsIn(file)).toHaveLength(1);
  });

  test('cancels a run that another server has accepted', async () => {
    const { id } = await submitHeld('cancelled');
    await client(1).cancel(id);
    expect(await client(0).waitFor(id)).toMatchObject({ status: 'cancelled' });
  });

  test('ends a run as crashed whose process is killed, and no other', async () => {
    const neighbour = await submitHeld('neighbour');
    const { id, pid } = await submitHeld('crashed');
    process.kill(pid, 'SIGKILL');
    expect(await client(1).waitFor(id)).toMatchObject({
      status: 'crashed',
      error: { message: expect.stringContaining("SIGKILL while running node 'hold'") },
    });
    await neighbour.open();
    expect(await client(1).waitFor(neighbour.id)).toMatchObject({ status: 'succeeded' });
  });

  test('ends a run as lost whose worker is killed, and runs what comes on the next', async () => {
    const { id, pid } = await submitHeld('lost');
    worker.kill('SIGKILL');
    await processGone(pid);
    const later = await client(0).submit({
      pipeline_names: ['block'],
      params: { file: fileOf('later'), ms: 1 },
    });
    expect(await client(1).waitFor(id)).toMatchObject({
      status: 'lost',
      error: { type: 'RunLost' },
    });
    worker = await startWorker();
    expect(await client(1).waitFor(later.id)).toMatchObject({ status: 'succeeded' });
    expect(await pidsIn(fileOf('lost'))).toHaveLength(1);
  });

  test('a worker that is told to stop lets its run end first', async () => {
    const { id, open } = await submitHeld('drained');
    worker.kill('SIGTERM');
    await worker.log({ event: 'worker.stopping' });
    await open();
    expect(await worker.ended).toMatchObject({ exitCode: 0 });
    expect(await client(0).waitFor(id)).toMatchObject({ status: 'succeeded' });
  });
});
