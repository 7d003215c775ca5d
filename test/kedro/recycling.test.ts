import { describe, expect, inject, test } from 'vitest';

import { processGone } from '../cli/processes.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { runToEnd, watchRun } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { descendantsOf } from './process-tree.ts';

const thread = `
import threading


def leave_thread(numbers):
    """Not a daemon: an interpreter that ends waits for it."""
    threading.Thread(target=threading.Event().wait).start()
`;

/** Runs something, and tells which process ran it. */
async function pidOf({ executor }: OpenProject): Promise<number> {
  const run = watchRun(executor, orderPipeline('gate', { gate: 'data/numbers.json' }));
  const { message } = await run.line(/^pid \d+$/);
  expect(await run.ended).toMatchObject({ status: 'succeeded' });
  return Number(message.slice('pid '.length));
}

describe.skipIf(inject('pythonMissing') !== null)('a worker', () => {
  test('is replaced after its share of runs', async () => {
    await using kedro = await openProject({ workers: 1, maxRunsPerWorker: 3 });
    const pids: number[] = [];
    for (let run = 0; run < 9; run += 1) pids.push(await pidOf(kedro));
    expect(pids.map((pid) => [...new Set(pids)].indexOf(pid))).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    for (const pid of new Set(pids)) await processGone(pid);
  });

  test('is replaced without a run that notices, however often', async () => {
    await using kedro = await openProject({ maxRunsPerWorker: 1 });
    const pids: number[] = [];
    const client = async (): Promise<void> => {
      for (let run = 0; run < 6; run += 1) pids.push(await pidOf(kedro));
    };
    await Promise.all(Array.from({ length: 8 }, client));
    expect(new Set(pids).size).toBe(48);
    await expect.poll(() => descendantsOf(process.pid)).toHaveLength(1 + 2 + 1 + 1);
    expect(kedro.notices.filter(({ level }) => level !== 'debug' && level !== 'info')).toEqual([]);
  });

  test('is replaced when it holds too much memory', async () => {
    await using kedro = await openProject({
      workers: 1,
      maxWorkerMemoryBytes: 400 * 2 ** 20,
    });
    const first = await pidOf(kedro);
    await runToEnd(kedro.executor, orderPipeline('leak', { megabytes: 20 }));
    expect(await pidOf(kedro)).toBe(first);
    await runToEnd(kedro.executor, orderPipeline('leak', { megabytes: 400 }));
    expect(await pidOf(kedro)).not.toBe(first);
    await processGone(first);
  });

  test.each(['fork', 'spawn'] as const)(
    'is replaced whatever threads it has left (%s)',
    async (workerStart) => {
      await using kedro = await openProject({
        workers: 1,
        workerStart,
        maxRunsPerWorker: 2,
        prepare: async (project) => addNodes(project, thread),
      });
      const first = await pidOf(kedro);
      await runToEnd(kedro.executor, orderPipeline('leave_thread'));
      expect(await pidOf(kedro)).not.toBe(first);
      await processGone(first);
    },
  );
});
