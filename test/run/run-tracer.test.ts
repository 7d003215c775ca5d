import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';

import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import type { Executor } from '../../src/executor/executor.ts';
import type { RunEvent } from '../../src/executor/run-event.ts';
import type { NodeContext } from '../../src/pipeline/node-function.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import type { RunRecord, RunSubmission } from '../../src/run/run-record.ts';
import { createRunTracer } from '../../src/run/run-tracer.ts';
import { createRuns } from '../../src/run/runs.ts';
import type { RunParams } from '../../src/runner/hooks.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';
import { createExampleProject } from '../project/example-project.ts';
import { createSubmission } from './submission.ts';

type SpanProcessor = NonNullable<
  NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['spanProcessors']
>[number];
type ReadableSpan = Parameters<SpanProcessor['onEnd']>[0];

const spans: ReadableSpan[] = [];
const sdk = new NodeSDK({
  autoDetectResources: false,
  metricReaders: [],
  logRecordProcessors: [],
  spanProcessors: [
    {
      onStart: () => undefined,
      onEnd: (span) => void spans.push(span),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ],
});
sdk.start();
afterAll(async () => {
  await sdk.shutdown();
  trace.disable();
});
beforeEach(() => void spans.splice(0));

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerId = '00f067aa0ba902b7';

async function runTraced(
  executor: Executor,
  wanted: Partial<RunSubmission> = {},
): Promise<RunRecord> {
  const runs = createRuns({ executor, tracer: createRunTracer() });
  onTestFinished(() => runs.close());
  const { record } = await runs.submit(createSubmission(wanted));
  const ended = await runs.waitForEnd(record.id);
  if (ended === null) throw new Error('the run is gone');
  return ended;
}

/** An executor whose runs tell these events. */
function telling(events: readonly RunEvent[]): Executor {
  return {
    ...createMemoryExecutor(),
    async *execute() {
      yield* events;
    },
  };
}

function spanOf(name: string): ReadableSpan {
  const span = spans.find((each) => each.name === name);
  if (span === undefined) throw new Error(`there is no span '${name}'`);
  return span;
}

function parentOf(name: string): string | undefined {
  const parentId = spanOf(name).parentSpanContext?.spanId;
  return spans.find((span) => span.spanContext().spanId === parentId)?.name ?? parentId;
}

function toMs([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

test('a run, its nodes and their datasets are spans below the caller’s', async () => {
  const seen: unknown[] = [];
  const look = (numbers: number[], context: NodeContext) => {
    seen.push(context.traceparent);
    return numbers.length;
  };
  const inputs = ['numbers'] as const;
  const { definition } = createExampleProject({
    pipelines: {
      __default__: pipeline([node(look, inputs, 'kept_json', { name: 'look', passContext: true })]),
    },
    settings: {
      ...createExampleProject().definition.settings,
      hooks: [{ beforePipelineRun: ({ runParams }) => void seen.push(runParams) }],
    },
  });
  const executor = createNativeExecutor({ project: definition });
  const run = await runTraced(executor, {
    traceparent: `00-${traceId}-${callerId}-01`,
    requestId: 'order-7',
    order: { ...createSubmission().order, paramsJson: '{"password": "hunter2"}' },
  });
  expect(run).toMatchObject({ status: 'succeeded', error: null });

  expect(spans.map(({ name }) => name)).toEqual([
    'load numbers',
    'save kept_json',
    'node look',
    'run __default__',
  ]);
  expect(parentOf('load numbers')).toBe('node look');
  expect(parentOf('save kept_json')).toBe('node look');
  expect(parentOf('node look')).toBe('run __default__');
  expect(parentOf('run __default__')).toBe(callerId);
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]));

  expect(spanOf('run __default__').attributes).toEqual({
    'kedro.run.id': run.id,
    'kedro.run.save_version': run.saveVersion,
    'kedro.run.attempt': 1,
    'kedro.run.queued_ms': expect.any(Number),
    'kedro.run.nodes_total': 1,
    'kedro.run.status': 'succeeded',
    'kedro.pipeline.names': ['__default__'],
    'kedro.runner.name': 'SequentialRunner',
    'kedro.request.id': 'order-7',
  });
  expect(spanOf('load numbers').attributes).toEqual({
    'kedro.dataset.name': 'numbers',
    'kedro.dataset.operation': 'load',
    'kedro.node.name': 'look',
  });
  expect(JSON.stringify(spans.map(({ attributes, events }) => [attributes, events]))).not.toMatch(
    'hunter2',
  );

  const spanId = spanOf('run __default__').spanContext().spanId;
  const traceparent = `00-${traceId}-${spanId}-01`;
  const [runParams, ofNode] = seen as [RunParams, string];
  expect(runParams).toMatchObject({ traceparent, requestId: 'order-7' });
  expect(ofNode).toBe(traceparent);
});

test('times are those of the events, however late they come', async () => {
  const before = Date.now();
  await runTraced(
    telling([
      { type: 'run.started', elapsedMs: 0 },
      { type: 'run.planned', elapsedMs: 1, nodes: ['a'] },
      { type: 'node.started', elapsedMs: 100, node: 'a' },
      { type: 'dataset.loaded', elapsedMs: 150, dataset: 'x', node: 'a', durationMs: 40 },
      { type: 'node.finished', elapsedMs: 200.5, node: 'a', durationMs: 100.5 },
      { type: 'run.ended', elapsedMs: 300, durationMs: 300, status: 'succeeded', error: null },
    ]),
  );
  const run = spanOf('run __default__');
  const startedMs = toMs(spanOf('node a').startTime) - 100;
  expect(startedMs).toBeGreaterThanOrEqual(before - 1);
  expect(startedMs).toBeLessThanOrEqual(Date.now() + 1);
  expect(toMs(spanOf('node a').duration)).toBeCloseTo(100.5, 1);
  expect(toMs(spanOf('load x').startTime) - startedMs).toBeCloseTo(110, 1);
  expect(toMs(spanOf('load x').duration)).toBeCloseTo(40, 1);
  expect(toMs(run.endTime)).toBeGreaterThanOrEqual(toMs(spanOf('node a').endTime));
});

test.each([
  ['failed', 'failed', 2],
  ['crashed', 'crashed', 2],
  ['cancelled', 'cancelled', 0],
] as const)('a run that has %s says so, and what was running with it', async (_, status, code) => {
  await runTraced(
    telling([
      { type: 'run.started', elapsedMs: 0 },
      { type: 'node.started', elapsedMs: 1, node: 'open' },
      { type: 'node.started', elapsedMs: 1, node: 'wrong' },
      {
        type: 'node.failed',
        elapsedMs: 2,
        node: 'wrong',
        error: { type: 'ValueError', message: 'no' },
      },
      {
        type: 'run.ended',
        elapsedMs: 3,
        durationMs: 3,
        status,
        error: { type: 'Stopped', message: 'ended' },
      },
    ]),
  );
  const told = (name: string) => {
    const span = spanOf(name);
    const { attributes, events } = span;
    return {
      ...span.status,
      type: attributes['error.type'],
      events: events.map((each) => each.name),
    };
  };
  const failure = { code: 2, message: 'no', type: 'ValueError', events: ['exception'] };
  expect(told('node wrong')).toEqual(failure);
  expect(told('node open')).toMatchObject({ code: 2, message: 'ended', type: 'Stopped' });
  expect(told('run __default__').code).toBe(code);
  expect(spanOf('run __default__').attributes).toMatchObject({
    'kedro.run.status': status,
    ...(code === 2 && { 'error.type': 'Stopped', 'kedro.node.name': 'wrong' }),
  });
});

test('a caller that does not record its trace gets no spans, and its context goes on', async () => {
  const executor = createMemoryExecutor();
  await runTraced(executor, { traceparent: `00-${traceId}-${callerId}-00` });
  expect(spans).toEqual([]);
  expect(executor.orders[0]?.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
});

test.each([null, 'nonsense', `00-${'0'.repeat(32)}-${callerId}-01`])(
  'the trace of %s is one of its own',
  async (traceparent) => {
    const executor = createMemoryExecutor();
    const run = await runTraced(executor, { traceparent });
    expect(spanOf('run __default__').parentSpanContext).toBeUndefined();
    const { traceId: own, spanId } = spanOf('run __default__').spanContext();
    expect(executor.orders[0]?.traceparent).toBe(`00-${own}-${spanId}-01`);
    expect(run.traceparent).toBe(`00-${own}-${spanId}-01`);
  },
);

test('without a tracer the caller’s context reaches the run as it is', async () => {
  const executor = createMemoryExecutor();
  const runs = createRuns({ executor });
  onTestFinished(() => runs.close());
  const traceparent = `00-${traceId}-${callerId}-01`;
  await runs.submit(createSubmission({ traceparent, requestId: 'a' }));
  await expect.poll(() => executor.orders).toMatchObject([{ traceparent, requestId: 'a' }]);
  expect(spans).toEqual([]);
});
