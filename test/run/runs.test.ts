import { describe, expect, test, vi } from 'vitest';

import { KedroServerError } from '../../src/errors.ts';
import type { RunEvent } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import { createRuns } from '../../src/run/runs.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';

const order: Omit<RunOrder, 'runId'> = {
  pipelineNames: null,
  fromInputs: null,
  toOutputs: null,
  fromNodes: null,
  toNodes: null,
  nodeNames: null,
  tags: ['a'],
  namespaces: null,
  loadVersions: null,
  runner: null,
  isAsync: false,
  onlyMissingOutputs: false,
  paramsJson: null,
};

test('a run has an id of its own and its events', async () => {
  const executor = createMemoryExecutor();
  const seen: [string, RunOrder, RunEvent][] = [];
  const runs = createRuns({
    executor,
    onEvent: (...event) => seen.push(event),
    createRunId: () => 'id-1',
  });
  const run = runs.create(order);
  expect(executor.orders).toEqual([]);
  const events: RunEvent[] = [];
  for await (const event of run.events) events.push(event);
  expect(events.map(({ type }) => type)).toEqual(['run.started', 'run.ended']);
  expect(executor.orders).toEqual([{ runId: 'id-1', ...order }]);
  expect(seen).toEqual(events.map((event) => ['id-1', run.order, event]));
});

test('end() is the last event', async () => {
  const error = { type: 'ValueError', message: 'no' };
  const runs = createRuns({ executor: createMemoryExecutor({ run: () => ({ error }) }) });
  expect(await runs.create(order).end()).toMatchObject({
    type: 'run.ended',
    status: 'failed',
    error,
  });
});

test('what execute() throws is thrown', async () => {
  const executor = createMemoryExecutor();
  const run = createRuns({ executor }).create(order);
  await executor.close();
  await expect(run.end()).rejects.toThrow(KedroServerError);
});

describe('a run that is withdrawn', () => {
  test('before it is read is cancelled', async () => {
    const runs = createRuns({ executor: createMemoryExecutor() });
    expect(await runs.create(order, AbortSignal.abort()).end()).toMatchObject({
      status: 'cancelled',
    });
  });

  test('while it waits is cancelled', async () => {
    const executor = createMemoryExecutor({ run: () => ({ mayStart: new Promise(() => {}) }) });
    const client = new AbortController();
    const ended = createRuns({ executor }).create(order, client.signal).end();
    await vi.waitFor(() => expect(executor.orders).toHaveLength(1));
    client.abort();
    expect(await ended).toMatchObject({ status: 'cancelled' });
  });

  test('after it has started goes on', async () => {
    const client = new AbortController();
    const runs = createRuns({
      executor: createMemoryExecutor(),
      onEvent: (_, __, { type }) => {
        if (type === 'run.started') client.abort();
      },
    });
    expect(await runs.create(order, client.signal).end()).toMatchObject({ status: 'succeeded' });
  });
});
