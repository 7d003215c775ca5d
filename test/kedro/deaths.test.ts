import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { processGone } from '../cli/processes.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf, watchRun } from '../conformance/watched-run.ts';
import { addNodes } from './extra-nodes.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { parentOf } from './process-tree.ts';

const module = `
import ctypes
import os
import signal

from faults import delays


def last_words(numbers):
    print("printed")
    os.write(2, b"Assertion failed: numbers at https://me:hunter2@example.com\\nAborted\\n")
    ctypes.PyDLL(None).abort()


def daemon(numbers, gate):
    """Its parent ends at once. It has what this process has: connections, too."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        pid = os.fork()
        if pid == 0:
            signal.pause()
        os.write(tell, str(pid).encode())
        os._exit(0)
    os.waitpid(child, 0)
    print(f"daemon {os.read(told, 100).decode()} of {os.getpid()}")
    delays.wait_at_gate(numbers, gate)
`;

describe.skipIf(inject('pythonMissing') !== null)('a run', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject({ prepare: async (project) => addNodes(project, module) });
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  test.each([
    ['exit', 'exited with code 3'],
    ['segfault', 'was killed by signal 11 (SIGSEGV)'],
    ['kill', 'was killed by signal 9 (SIGKILL)'],
  ])('that dies by %s says how, and no other run notices', async (pipeline, how) => {
    const neighbour = await kedro.hold();
    const events = await runToEnd(kedro.executor, orderPipeline(pipeline));
    const { message } = await crashOf(events);
    const [, said] =
      /^The worker process \(pid \d+\) (.*)\. Its peak memory was \d+ MiB\.$/.exec(message) ?? [];
    expect(said).toBe(`${how} while running node '${pipeline}'`);
    const next = await runToEnd(kedro.executor, orderPipeline('memory'));
    expect(stepsOf(next).at(-1)).toBe('run.ended succeeded');
    expect(stepsOf(neighbour.events)).not.toContain('run.ended crashed');
    await neighbour.release();
    expect(await neighbour.ended).toMatchObject({ status: 'succeeded' });
  });

  test('that dies leaves its last words', async () => {
    const events = await runToEnd(kedro.executor, orderPipeline('last_words'));
    expect(await crashOf(events)).toMatchObject({ message: expect.stringContaining('(SIGABRT)') });
    const lines = events.filter(
      (event) => event.type === 'log' && event.node !== null && event.source !== 'logging',
    );
    expect(lines).toMatchObject([
      { source: 'stdout', message: 'printed', node: 'last_words' },
      {
        source: 'output',
        message: 'Assertion failed: numbers at https://<redacted>@example.com',
        node: 'last_words',
      },
      { source: 'output', message: 'Aborted', node: 'last_words' },
    ]);
  });

  test.each([
    ['sys_exit', { type: 'SystemExit', message: '3' }],
    ['keyboard_interrupt', { type: 'KeyboardInterrupt', message: '' }],
    ['recursion', { type: 'RecursionError', message: expect.stringContaining('recursion') }],
    ['nested_error', { type: 'Outer.InnerError', message: 'from a nested class' }],
    ['save_none', { type: 'DatasetError', message: expect.stringContaining('None') }],
    ['save_failure', { type: 'DatasetError', message: expect.stringContaining('set') }],
    ['load_failure', { type: 'DatasetError', message: expect.stringContaining('not-there.json') }],
  ])('only fails by %s', async (pipeline, error) => {
    const before = kedro.notices.length;
    const events = await runToEnd(kedro.executor, orderPipeline(pipeline));
    expect(events.findLast(({ type }) => type === 'node.failed')).toMatchObject({
      node: pipeline,
      error,
    });
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: 'failed', error });
    const logged = linesOf(events, ({ level }) => level === 'error').join('\n');
    expect(logged).toContain(`Pipeline run `);
    expect(logged).toContain(`Traceback (most recent call last)`);
    expect(kedro.notices.slice(before)).toEqual([]);
  });

  test('whose worker is killed ends at once, and the next one has a worker at once', async () => {
    const [run, neighbour] = await Promise.all([kedro.hold(), kedro.hold()]);
    const next = watchRun(kedro.executor, orderPipeline('who_am_i'));
    const killedAt = performance.now();
    process.kill(run.pid, 'SIGKILL');
    const { error } = await run.ended;
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    expect(error?.message).toContain(
      `(pid ${run.pid}) was killed by signal 9 (SIGKILL) while running node 'gate'`,
    );
    expect(await next.ended).toMatchObject({ status: 'succeeded' });
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    expect(await kedro.readJson('process')).not.toMatchObject({ pid: run.pid });
    expect(stepsOf(neighbour.events)).not.toContain('run.ended crashed');
    await neighbour.release();
    expect(await neighbour.ended).toMatchObject({ status: 'succeeded' });
  });

  test('takes another worker when its own dies before it begins', async () => {
    for (let round = 0; round < 5; round += 1) {
      await runToEnd(kedro.executor, orderPipeline('who_am_i'));
      const { pid } = (await kedro.readJson('process')) as { pid: number };
      process.kill(pid, 'SIGKILL');
      const events = await runToEnd(kedro.executor, orderPipeline('memory'));
      expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
    }
  });

  test('that dies takes none of those with it that wait', async () => {
    const [run, neighbour] = await Promise.all([kedro.hold(), kedro.hold()]);
    const waiting = Array.from({ length: 8 }, () =>
      watchRun(kedro.executor, orderPipeline('memory')),
    );
    process.kill(run.pid, 'SIGKILL');
    const ends = await Promise.all(waiting.map(({ ended }) => ended));
    expect(ends.map(({ status }) => status)).toEqual(waiting.map(() => 'succeeded'));
    await neighbour.release();
  });

  test.each([{ detached: false }, { detached: true }])(
    'leaves a child, which ends with its worker: %o',
    async (params) => {
      await runToEnd(kedro.executor, orderPipeline('child', params));
      const { pid } = (await kedro.readJson('child')) as { pid: number };
      process.kill(parentOf(pid), 'SIGKILL');
      await processGone(pid);
    },
  );

  test('leaves a daemon, which ends with its worker, and with no other', async () => {
    const gate = join(kedro.project.path, 'data/daemon-gate');
    const run = watchRun(kedro.executor, orderPipeline('daemon', { gate }));
    const { message } = await run.line(/^daemon/);
    const [daemon = 0, worker = 0] = message.match(/\d+/g)?.map(Number) ?? [];
    await runToEnd(kedro.executor, orderPipeline('exit'));
    await runToEnd(kedro.executor, orderPipeline('memory'));
    expect(process.kill(daemon, 0)).toBe(true);
    await writeFile(gate, '');
    expect(await run.ended).toMatchObject({ status: 'succeeded' });
    expect(process.kill(daemon, 0)).toBe(true);
    process.kill(worker, 'SIGKILL');
    await processGone(daemon);
  });
});

async function crashOf(events: readonly { type: string }[]): Promise<{ message: string }> {
  const ended = events.at(-1);
  expect(ended).toMatchObject({ status: 'crashed', error: { type: 'WorkerCrashed' } });
  return (ended as unknown as { error: { message: string } }).error;
}
