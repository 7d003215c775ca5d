import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { processGone } from '../cli/processes.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { runToEnd, watchRun } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { descendantsOf, parentOf } from './process-tree.ts';

const heartbeatTimeoutMs = 500;

/** One operation, of some seconds. */
const compute = `
def compute(numbers):
    3**10_000_000
`;

describe.skipIf(inject('pythonMissing') !== null)('a worker that does not answer', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject({ heartbeatTimeoutMs });
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  test('because it is stopped is ended, with its run, and no other', async () => {
    const neighbour = await kedro.hold();
    const startedAt = performance.now();
    const events = await runToEnd(kedro.executor, orderPipeline('stop'));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(events.at(-1)).toMatchObject({
      status: 'crashed',
      error: {
        type: 'WorkerCrashed',
        message: expect.stringMatching(
          / gave no sign of life for \d+ ms and was ended while running node 'stop'/,
        ),
      },
    });
    expect(kedro.notices.at(-1)).toMatchObject({ event: expect.stringMatching(/^worker-/) });
    await neighbour.release();
    expect(await neighbour.ended).toMatchObject({ status: 'succeeded' });
  });

  test('because it is stopped while it idles, or describes the project, is replaced', async () => {
    const held = await kedro.hold();
    const supervisor = parentOf(held.pid);
    const others = descendantsOf(supervisor).filter((pid) => pid !== held.pid);
    for (const pid of others) process.kill(pid, 'SIGSTOP');
    // Nothing that is kept answers this.
    const snapshot = kedro.executor.snapshot({ params: 'tenant=other' });
    const run = watchRun(kedro.executor, orderPipeline('memory'));
    await Promise.all(others.map(processGone));
    expect(await snapshot).toMatchObject({ metadata: { packageName: 'faults' } });
    expect(await run.ended).toMatchObject({ status: 'succeeded' });
    await held.release();
  });

  test('because a node holds the interpreter is left alone', async () => {
    const seconds = (heartbeatTimeoutMs / 1000) * 4;
    const before = kedro.notices.length;
    const events = await runToEnd(kedro.executor, orderPipeline('hold_gil', { seconds }));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(kedro.notices.slice(before)).toEqual([]);
  });

  test('because a node holds the interpreter for good is ended after all', async () => {
    const events = await runToEnd(kedro.executor, orderPipeline('hold_gil', { seconds: 1000 }));
    expect(events.at(-1)).toMatchObject({ status: 'crashed' });
    expect(events.at(-1)?.elapsedMs).toBeGreaterThan(heartbeatTimeoutMs * 5);
  });

  test('because a node computes without letting go is left alone', async () => {
    await using other = await openProject({
      heartbeatTimeoutMs: 200,
      prepare: async (project) => addNodes(project, compute),
    });
    const events = await runToEnd(other.executor, orderPipeline('compute'));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
  });

  test('is ended though its supervisor is stopped', async () => {
    const held = await kedro.hold();
    const supervisor = parentOf(held.pid);
    process.kill(supervisor, 'SIGSTOP');
    const killedAt = performance.now();
    process.kill(held.pid, 'SIGKILL');
    expect(await held.ended).toMatchObject({ status: 'crashed' });
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    process.kill(supervisor, 'SIGCONT');
    const events = await runToEnd(kedro.executor, orderPipeline('memory'));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
  });
});
