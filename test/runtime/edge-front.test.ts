import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createClient, type RunEvent } from '../../src/client/index.ts';
import { createKey } from '../../src/index.ts';
import type { CliProcess } from '../cli/cli-process.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { startProject } from '../cli/served-project.ts';
import { descendantsOf } from '../kedro/process-tree.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';
import type { ServerProcess } from './server-process.ts';
import { startWorker } from './start-worker.ts';

/** `examples/edge-front` in workerd, before `kedro-server start` in Node.js, before Python workers. */
describe.skipIf(inject('pythonMissing') !== null)('an edge Worker before a server', () => {
  const storage = createTemporaryFolder();
  let project: TemporaryFolder;
  let server: CliProcess;
  let worker: ServerProcess;
  let behind: ReturnType<typeof createClient>;
  let client: ReturnType<typeof createClient>;

  beforeAll(async () => {
    project = await copyProject('faults-kedro');
    const ownKey = await createKey({ name: 'worker', scopes: ['read', 'run', 'cancel'] });
    const { key: token } = ownKey;
    const args = ['--store', 'memory', '--workers', '2'];
    server = await startProject(project.path, args, {
      KEDRO_SERVER_KEYS: JSON.stringify(ownKey.stored),
    });
    const url = await server.url;
    const caller = await createKey({ name: 'caller', scopes: ['read', 'run', 'cancel'] });
    worker = await startWorker({
      entry: 'examples/edge-front/src/worker.ts',
      durableObject: ['Runs', 'RUNS'],
      storage: storage.path,
      variables: {
        CALLER_KEYS: JSON.stringify(caller.stored),
        SERVER_URL: url,
        SERVER_TOKEN: token,
      },
    });
    behind = createClient({ url, token });
    client = createClient({ url: worker.url, token: caller.key });
  });
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
  });

  /** Submits a run that waits at a gate, and reads its events up to what the node has printed. */
  async function holdRun(gate: string) {
    const file = path.join('data', gate);
    const params = { gate: path.join(project.path, file) };
    const { id } = await client.submit({
      pipeline_names: ['gate'],
      params,
      outputs: ['gate_result'],
      labels: { gate },
    });
    const events = client.follow(id);
    const told: RunEvent[] = [];
    const until = async (isIt: (event: RunEvent) => boolean): Promise<void> => {
      for (let next = await events.next(); ; next = await events.next()) {
        if (next.done === true) throw new Error(`it ended: ${JSON.stringify(told)}`);
        told.push(next.value);
        if (isIt(next.value)) return;
      }
    };
    await until((event) => event.type === 'log' && /^pid \d+$/.test(event.message));
    const line = told.at(-1);
    const pid = Number(line?.type === 'log' ? line.message.slice('pid '.length) : 0);
    return { id, told, pid, until, open: () => project.write(file, '') };
  }

  /** The newest run of the server behind. */
  async function newestBehind() {
    const { data } = await behind.list({ limit: 1 });
    return data[0];
  }

  test('asks who calls, as the server behind asks the Worker', async () => {
    for (const url of [worker.url, await server.url]) {
      expect((await fetch(`${url}/snapshot`)).status).toBe(401);
      expect((await fetch(`${url}/runs`, { method: 'POST' })).status).toBe(401);
    }
    expect((await client.list()).data).toEqual([]);
  });

  test('lets a run be seen live through all three, and its data come out', async () => {
    const run = await holdRun('opened');
    expect(run.told.map(({ type }) => type)).toContain('node.started');
    expect(descendantsOf(server.pid)).toContain(run.pid);
    expect(await client.get(run.id)).toMatchObject({ status: 'running' });
    expect(await newestBehind()).toMatchObject({ status: 'running' });
    await run.open();
    await run.until(({ type }) => type === 'run.ended');
    const ids = run.told.map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(run.told.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(await client.output(run.id, 'gate_result')).toEqual([1, 2, 3, 4]);
    const types = run.told.map(({ type }) => type);
    const { id } = (await newestBehind())!;
    for await (const { type } of behind.follow(id)) expect(types).toContain(type);
  });

  test('cancels through all three', async () => {
    const run = await holdRun('never-opened');
    await client.cancel(run.id);
    await run.until(({ type }) => type === 'run.ended');
    expect(run.told.at(-1)).toMatchObject({ status: 'cancelled', error: { type: 'RunCancelled' } });
    expect(await newestBehind()).toMatchObject({ status: 'cancelled' });
    const failed = run.told.filter((event) => event.type === 'node.failed');
    expect(failed).toMatchObject([{ node: 'gate' }]);
  });

  test('refuses what the project does not have, with names that it has', async () => {
    await expect(client.run({ pipeline_names: ['memroy'] })).rejects.toMatchObject({
      code: 'run-invalid',
      message: expect.stringContaining("Did you mean 'memory'"),
    });
  });
});
