import { expect, test } from 'vitest';

import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import type { NativeExecutorOptions } from '../../src/executor/native-executor.ts';
import type { RunEvent } from '../../src/executor/run-event.ts';
import type { NodeContext } from '../../src/pipeline/node-function.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { logOf } from '../../src/runner/run-logger.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf, watchRun } from '../conformance/watched-run.ts';
import { createExampleProject } from '../project/example-project.ts';

type Work = (numbers: number[], context: NodeContext) => unknown;

/** An executor whose one node, `work`, reads `numbers`. */
function createExecutor(work: Work, options: Partial<NativeExecutorOptions> = {}) {
  const pipelines = {
    __default__: pipeline([node(work, 'numbers', 'worked', { name: 'work', passContext: true })]),
  };
  return createNativeExecutor({
    project: createExampleProject({ pipelines }).definition,
    ...options,
  });
}

async function endOf(work: Work): Promise<RunEvent | undefined> {
  return (await runToEnd(createExecutor(work), createRunOrder())).at(-1);
}

class QuotaError extends Error {}

class NamedError extends Error {
  override readonly name = 'Outer.NamedError';
}

test.each([
  [new QuotaError('too much'), { type: 'QuotaError', message: 'too much' }],
  [new NamedError('a'), { type: 'Outer.NamedError', message: 'a' }],
  [new RangeError('b'), { type: 'RangeError', message: 'b' }],
  [
    new Error('no answer from https://reader:hunter2@example.com/data?x=1'),
    { type: 'Error', message: 'no answer from https://<redacted>@example.com/data?<redacted>' },
  ],
  ['text', { type: 'TypeError', message: expect.stringContaining("'work' threw 'string' text") }],
  [undefined, { type: 'TypeError', message: expect.stringContaining("threw 'undefined'") }],
])('a run that throws %s says so', async (thrown, error) => {
  const ended = await endOf(() => {
    // oxlint-disable-next-line typescript/only-throw-error -- what users' code may do
    throw thrown;
  });
  expect(ended).toMatchObject({ type: 'run.ended', status: 'failed', error });
});

test('a long message is cut', async () => {
  const ended = await endOf(() => {
    throw new Error('x'.repeat(100_000));
  });
  expect(ended).toMatchObject({
    error: { message: expect.stringMatching(/^x{65536}… \(34464 more characters were cut\)$/) },
  });
});

test.each([
  [() => null, /^worked: .*not allowed/],
  [() => undefined, /^worked: .*not allowed/],
])('a node that gives nothing for its output fails', async (work, message) => {
  expect(await endOf(work)).toMatchObject({
    error: { type: 'DatasetError', message: expect.stringMatching(message) },
  });
});

test('lines beyond the limit are counted, and those with credentials redacted', async () => {
  const executor = createExecutor(
    (_numbers, context) => {
      const log = logOf(context);
      log.print('from s3://a:b@bucket/x');
      for (let i = 0; i < 1000; i += 1) log.info('0123456789');
      return 1;
    },
    { maxLogLength: 100 },
  );
  const events = await runToEnd(executor, createRunOrder());
  const lines = linesOf(events, () => true);
  expect(lines[0]).toMatch(/^Parameters|^from/);
  expect(lines).toContain('from s3://<redacted>@bucket/x');
  expect(lines.at(-1)).toMatch(/^99\d lines of the run's log were cut/);
});

test('the log says from where to resume, before the run ends', async () => {
  const executor = createExecutor(() => {
    throw new Error('no');
  });
  const events = await runToEnd(executor, createRunOrder());
  expect(events.at(-2)).toMatchObject({
    type: 'log',
    level: 'warning',
    message: 'No nodes ran. Repeat the previous command to attempt a new run.',
  });
});

test('a node that never settles is left behind, and its place is free again', async () => {
  const executor = createExecutor(
    (numbers) => (numbers.length === 3 ? new Promise(() => undefined) : 1),
    { concurrency: 1, cancelGraceMs: 1 },
  );
  const abort = new AbortController();
  const run = watchRun(executor, createRunOrder(), { signal: abort.signal });
  await run.event(({ type }) => type === 'dataset.loaded');
  abort.abort();
  expect(await run.ended).toMatchObject({
    status: 'cancelled',
    error: { type: 'RunCancelled', message: expect.stringContaining("['work'] did not stop") },
  });
  expect(stepsOf(run.events).slice(-2)).toEqual(['node.failed work', 'run.ended cancelled']);
  const next = await runToEnd(executor, createRunOrder({ nodeNames: ['unknown'] }));
  expect(next.at(-1)).toMatchObject({ status: 'failed' });
  await executor.close();
});

test('a run that is aborted in the moment in which it begins is cancelled', async () => {
  const executor = createExecutor(() => new Promise(() => undefined), {
    concurrency: 1,
    cancelGraceMs: 1,
  });
  const first = new AbortController();
  const second = new AbortController();
  const options = { signal: first.signal };
  const holds = executor.execute(createRunOrder(), options)[Symbol.asyncIterator]();
  await holds.next();
  const waits = watchRun(executor, createRunOrder(), { signal: second.signal });
  first.abort();
  for (let next = await holds.next(); next.done !== true; next = await holds.next()) {
    if (next.value.type === 'run.ended') second.abort();
  }
  expect(await waits.ended).toMatchObject({ status: 'cancelled' });
  await executor.close();
});

test('close ends runs, and those that wait, when its grace is over', async () => {
  const executor = createExecutor(
    (_numbers, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    { stopGraceMs: 1, concurrency: 1 },
  );
  const run = watchRun(executor, createRunOrder());
  const waiting = watchRun(executor, createRunOrder());
  await run.event(({ type }) => type === 'dataset.loaded');
  await executor.close();
  expect(await run.ended).toMatchObject({ status: 'cancelled' });
  expect(await waiting.ended).toMatchObject({ status: 'cancelled' });
  expect(stepsOf(waiting.events)).not.toContain('node.started work');
});

test('a project that cannot be opened says why, and may be opened later', async () => {
  let isBroken = true;
  const { definition } = createExampleProject();
  const executor = createNativeExecutor({
    project: () => {
      if (isBroken) throw new SyntaxError('in src/pipeline_registry.ts');
      return definition;
    },
  });
  const broken = {
    code: 'project-broken',
    type: 'SyntaxError',
    message: 'in src/pipeline_registry.ts',
  };
  await expect(executor.open()).rejects.toMatchObject(broken);
  await expect(executor.snapshot({ params: null })).rejects.toMatchObject(broken);
  expect(await runToEnd(executor, createRunOrder())).toEqual([
    expect.objectContaining({
      type: 'run.ended',
      status: 'failed',
      error: { type: 'SyntaxError', message: 'in src/pipeline_registry.ts' },
    }),
  ]);
  isBroken = false;
  expect(await executor.open()).toMatchObject({ projectName: 'Example' });
});

test('a snapshot that fails says why', async () => {
  const { definition, config } = createExampleProject();
  const executor = createNativeExecutor({ project: definition });
  config['base/catalog.yml'] = 'numbers: [1';
  await expect(executor.snapshot({ params: null })).rejects.toMatchObject({
    code: 'snapshot-failed',
    type: 'ParserError',
    message: expect.stringContaining('base/catalog.yml'),
  });
});

test.each([0, -1, 1.5, Number.NaN])('%s runs at once are refused', (concurrency) => {
  expect(() => createExecutor(() => 1, { concurrency })).toThrow('positive whole number');
});
