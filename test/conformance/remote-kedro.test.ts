import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import type { Executor } from '../../src/executor/executor.ts';
import { createRemoteExecutor } from '../../src/adapters/node.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { quickStart } from '../parity/compared-pair.ts';
import {
  type ServerProcess,
  type StartServer,
  startKedroServer,
  startOurServer,
} from '../parity/server-process.ts';
import { kedroPython } from '../python-env.ts';
import { orderPipeline } from './run-order.ts';
import { linesOf, runToEnd, stepsOf, watchRun } from './watched-run.ts';

/** A server of the Kedro project of faults, and what gives it runs. */
function useServer(start: StartServer): {
  readonly executor: () => Executor;
  readonly project: () => TemporaryFolder;
  gateParam(name: string): string;
  openGate(name: string): Promise<void>;
} {
  let project: TemporaryFolder;
  let server: ServerProcess;
  let executor: Executor;
  beforeAll(async () => {
    project = await copyProject('faults-kedro');
    const python = await kedroPython('newest');
    server = await start({ python, projectPath: project.path, variables: quickStart });
    executor = createRemoteExecutor({ url: server.url });
  });
  afterAll(async () => {
    await executor.close({ graceMs: 0 });
    await server.close();
    await project[Symbol.asyncDispose]();
  });
  return {
    executor: () => executor,
    project: () => project,
    gateParam: (name) => join(project.path, 'data', name),
    openGate: async (name) => void (await project.write(join('data', name), '')),
  };
}

describe.skipIf(inject('pythonMissing') !== null)('remote executor', () => {
  describe('on a kedro-server of a Kedro project', () => {
    const { executor, gateParam } = useServer(startOurServer);

    test('knows the project, and how many runs it runs at once', async () => {
      expect(await executor().open()).toMatchObject({ packageName: 'faults', runners: null });
      expect(executor().capacity).toBe(2);
      const { pipelines } = await executor().snapshot({ params: null });
      expect(pipelines.map(({ name }) => name)).toContain('failing_middle');
    });

    test('runs with data in and out, and tells what happens', async () => {
      const order = { inputsJson: '{"numbers": [10, 20]}', outputs: ['sum_of_more'] };
      const events = await runToEnd(executor(), orderPipeline('memory', undefined, order));
      const steps = stepsOf(events);
      expect(steps.slice(0, 3)).toEqual([
        'run.started',
        'run.planned add_one total',
        'node.started add_one',
      ]);
      expect(steps.at(-1)).toBe('run.ended succeeded');
      expect(events).toContainEqual(expect.objectContaining({ output: 'sum_of_more', json: '32' }));
    });

    test('fails as the node does, and with the lines that it printed', async () => {
      const events = await runToEnd(executor(), orderPipeline('failing_middle'));
      expect(events.at(-1)).toMatchObject({
        status: 'failed',
        error: { type: 'ValueError', message: 'cannot go on with 4 numbers' },
      });
      const talk = await runToEnd(executor(), orderPipeline('talk'));
      expect(linesOf(talk).length).toBeGreaterThan(2);
    });

    test('cancels', async () => {
      const abort = new AbortController();
      const order = orderPipeline('gate', { gate: gateParam('closed') });
      const run = watchRun(executor(), order, { signal: abort.signal });
      await run.event(({ type }) => type === 'node.started');
      abort.abort();
      expect(await run.ended).toMatchObject({ status: 'cancelled' });
    });

    test('says how a worker died', async () => {
      const events = await runToEnd(executor(), orderPipeline('kill'));
      expect(events.at(-1)).toMatchObject({
        status: 'crashed',
        error: { message: expect.stringContaining('SIGKILL') },
      });
    });
  });

  describe('on Kedro’s own server', () => {
    const { executor, project, gateParam, openGate } = useServer(startKedroServer);

    test('knows the project, and gives it one run at a time', async () => {
      expect(await executor().open()).toMatchObject({ packageName: 'faults', runners: null });
      expect(executor().capacity).toBe(1);
      const snapshot = await executor().snapshot({ params: null });
      expect(snapshot.pipelines.map(({ name }) => name)).toContain('memory');
      expect(await executor().snapshot({ params: null })).toBe(snapshot);
    });

    test('tells how a run ended', async () => {
      const events = await runToEnd(executor(), orderPipeline('memory'));
      expect(stepsOf(events)).toEqual(['run.started', 'run.ended succeeded']);
      const failed = await runToEnd(executor(), orderPipeline('failing_middle'));
      expect(failed.at(-1)).toMatchObject({
        status: 'failed',
        error: { type: 'ValueError', message: 'cannot go on with 4 numbers' },
      });
      expect((await runToEnd(executor(), orderPipeline('memroy'))).at(-1)).toMatchObject({
        status: 'failed',
        error: { message: expect.stringContaining("'memroy'") },
      });
    });

    test('keeps runs apart by giving it one after the other', async () => {
      const tenants = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);
      await Promise.all(
        tenants.map((tenant) => runToEnd(executor(), orderPipeline('echo', { tenant }))),
      );
      for (const tenant of tenants) {
        const file = join(project().path, 'data', `echo-${tenant}.json`);
        const echo: unknown = JSON.parse(await readFile(file, 'utf8'));
        expect(echo).toEqual({ params: tenant, resolver: tenant });
      }
    });

    test('refuses what it cannot do', async () => {
      for (const wanted of [{ inputsJson: '{"numbers": [1]}' }, { outputs: ['sum_of_more'] }]) {
        const events = await runToEnd(executor(), orderPipeline('memory', undefined, wanted));
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({
          status: 'failed',
          error: { type: 'RemoteUnsupported', message: expect.stringContaining("Kedro's own") },
        });
      }
    });

    test('waits for the end of a run that is cancelled, and answers snapshots meanwhile', async () => {
      const before = await executor().snapshot({ params: null });
      const abort = new AbortController();
      const order = orderPipeline('gate', { gate: gateParam('held') });
      const run = watchRun(executor(), order, { signal: abort.signal });
      await run.event(({ type }) => type === 'run.started');
      const next = watchRun(executor(), orderPipeline('memory'));
      abort.abort();
      await run.line(/cannot cancel a run/);
      expect(await executor().snapshot({ params: null })).toBe(before);
      expect(next.events).toEqual([]);
      await openGate('held');
      expect(await run.ended).toMatchObject({ status: 'succeeded' });
      expect(await next.ended).toMatchObject({ status: 'succeeded' });
    });

    test('loses a run with the server', async () => {
      const events = await runToEnd(executor(), orderPipeline('exit', { exit_code: 3 }));
      expect(events.at(-1)).toMatchObject({ status: 'crashed', error: { type: 'RunLost' } });
    });
  });
});
