import { expect, test } from 'vitest';

import type { RunEvent } from '../../src/executor/run-event.ts';
import { createWorkerRun, type WorkerRun } from '../../src/kedro/worker-run.ts';
import { createWorker } from '../../src/kedro/worker.ts';
import { stepsOf } from '../conformance/watched-run.ts';

const killed = { code: -9, peakBytes: null, output: '' };
const started: RunEvent = { type: 'run.started', elapsedMs: 0 };
const ended: RunEvent = {
  type: 'run.ended',
  elapsedMs: 3,
  durationMs: 3,
  status: 'succeeded',
  error: null,
};

const outputLimit = 10;

function createRun(outputs: readonly string[] = []): WorkerRun {
  return createWorkerRun(
    1,
    createWorker(1, outputLimit).worker,
    { outputs, paramsJson: null },
    outputLimit,
  );
}

async function eventsOf(run: WorkerRun): Promise<RunEvent[]> {
  await run.done;
  return Array.fromAsync(run.events);
}

test('times never go back, whose clock ever they are from', async () => {
  const run = createRun();
  run.add([{ type: 'node.started', elapsedMs: 60_000, node: 'a' }]);
  run.cut(7);
  run.add([{ type: 'node.finished', elapsedMs: 5, node: 'a', durationMs: 5 }, ended]);
  run.idle();
  const events = await eventsOf(run);
  expect(events.map(({ elapsedMs }) => elapsedMs)).toEqual([60_000, 60_000, 60_000, 60_000]);
  expect(events[1]).toMatchObject({
    level: 'warning',
    node: 'a',
    message: expect.stringMatching(/^7 bytes/),
  });
});

test('nothing comes after the end', async () => {
  const run = createRun();
  run.add([started, ended, started]);
  run.add([started]);
  run.cut(7);
  run.crashed(killed);
  expect(stepsOf(await eventsOf(run))).toEqual(['run.started', 'run.ended succeeded']);
  expect(run.lost).toBeNull();
});

test('a worker that says no more has crashed the run, and so has one that dies', async () => {
  const silent = createRun();
  silent.add([started]);
  silent.idle();
  expect(stepsOf(await eventsOf(silent))).toEqual(['run.started', 'run.ended crashed']);

  const dead = createRun();
  dead.add([started, { type: 'node.started', elapsedMs: 1, node: 'a' }]);
  dead.crashed({ ...killed, output: 'first\nsecond\n' });
  const events = await eventsOf(dead);
  expect(events.slice(2)).toMatchObject([
    { type: 'log', source: 'output', message: 'first', node: 'a' },
    { type: 'log', source: 'output', message: 'second', node: 'a' },
    {
      status: 'crashed',
      error: { type: 'WorkerCrashed', message: expect.stringContaining("node 'a'") },
    },
  ]);
});

test('a run that has not begun is lost, unless it was cancelled', async () => {
  const lost = createRun();
  lost.crashed({ ...killed, output: 'not of this run' });
  expect(await eventsOf(lost)).toEqual([]);
  expect(lost.lost).toMatchObject({ status: 'crashed', error: { type: 'WorkerCrashed' } });

  const cancelled = createRun();
  cancelled.cancel('on purpose', { interruptMs: 1000, terminateMs: 1000 });
  cancelled.crashed(killed);
  expect(await eventsOf(cancelled)).toMatchObject([
    { status: 'cancelled', error: { type: 'RunCancelled', message: 'on purpose' } },
  ]);
  expect(cancelled.lost).toBeNull();
});

test('a cancelled run is cancelled only if that is what ended it', async () => {
  for (const [error, status] of [
    [{ type: 'KeyboardInterrupt', message: '' }, 'cancelled'],
    [{ type: 'ValueError', message: 'sooner' }, 'failed'],
  ] as const) {
    const run = createRun();
    run.add([started]);
    run.cancel('on purpose', { interruptMs: 1000, terminateMs: 1000 });
    run.add([{ ...ended, status: 'failed', error }]);
    run.idle();
    expect((await eventsOf(run)).at(-1)).toMatchObject({ status });
  }
});

const ready: RunEvent = {
  type: 'output.ready',
  elapsedMs: 1,
  output: 'a',
  kind: 'text',
  dataType: 'str',
  json: 'cd"',
};

test('an output comes in parts, once, and only if it is wanted', async () => {
  const run = createRun(['a', 'c']);
  run.add([started]);
  run.addPart('"a');
  run.addPart('b');
  run.add([ready, { ...ready, json: '"second"' }, { ...ready, output: 'b', json: '1' }, ended]);
  run.idle();
  const events = await eventsOf(run);
  expect(stepsOf(events)).toEqual([
    'run.started',
    'output.ready a',
    'output.failed c',
    'run.ended succeeded',
  ]);
  expect(events[1]).toMatchObject({ json: '"abcd"' });
});

test('an output that is larger than it may be is no output', () => {
  const parts = createRun(['a']);
  parts.addPart('123456');
  expect(() => parts.addPart('12345')).toThrow('an output of more than 10 bytes');
  const whole = createRun(['a']);
  expect(() => whole.add([{ ...ready, json: '12345678901' }])).toThrow('more than 10 bytes');
});

test('outputs are told before the end of a run whose worker dies', async () => {
  const run = createRun(['a', 'b']);
  run.add([started, ready]);
  run.crashed(killed);
  expect(stepsOf(await eventsOf(run))).toEqual([
    'run.started',
    'output.ready a',
    'output.failed b',
    'run.ended crashed',
  ]);
});
