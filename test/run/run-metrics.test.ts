import { describe, expect, test } from 'vitest';

import type { RunOrder } from '../../src/executor/run-order.ts';
import { createReading } from '../../src/run/metric-family.ts';
import type { RunLogEvent } from '../../src/run/run-log-entry.ts';
import { createRunMetrics } from '../../src/run/run-metrics.ts';
import { createRuns } from '../../src/run/runs.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';
import { readPrometheusText } from './prometheus-text.ts';
import { createSubmission } from './submission.ts';

const load = { running: 1, waiting: 2, maxWaiting: 3 };
const ended: RunLogEvent = {
  type: 'run.ended',
  elapsedMs: 0,
  status: 'succeeded',
  durationMs: 20,
  error: null,
};

function create(known: readonly string[] = ['training']) {
  const metrics = createRunMetrics({
    runs: { load, capacity: 4 },
    isKnownPipeline: (name) => known.includes(name),
  });
  const take = (id: string, order: RunOrder, ...events: readonly RunLogEvent[]): void => {
    for (const event of events) metrics.observe(id, order, event);
  };
  /** Values of a metric, by its labels. */
  const read = (name: string): Record<string, number> => {
    const { samples } = readPrometheusText(metrics.toText());
    return Object.fromEntries(
      samples
        .filter((sample) => sample.name === `kedro_server_${name}`)
        .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
    );
  };
  return { metrics, take, read };
}

describe('runs', () => {
  test('are counted by pipeline and by how they end', () => {
    const { take, read } = create();
    const order = createRunOrder({ pipelineNames: ['training'] });
    take('1', order, { type: 'run.queued' }, { type: 'run.started', elapsedMs: 0 }, ended);
    take('2', order, { type: 'run.queued' }, { ...ended, status: 'cancelled', durationMs: 0 });
    take('3', order, { type: 'run.queued' });
    take('4', createRunOrder(), { type: 'run.queued' }, { ...ended, status: 'crashed' });
    expect(read('runs_accepted_total')).toEqual({ training: 3, __default__: 1 });
    expect(read('runs_total')).toEqual({
      'training succeeded': 1,
      'training cancelled': 1,
      '__default__ crashed': 1,
    });
    expect(read('run_duration_seconds_count')).toEqual({ training: 1, __default__: 1 });
    expect(read('run_duration_seconds_bucket')).toMatchObject({
      'training 0.01': 0,
      'training 0.025': 1,
      'training +Inf': 1,
    });
    expect(read('run_duration_seconds_sum')['training']).toBeCloseTo(0.02);
    expect(read('run_queue_wait_seconds_count')).toEqual({ '': 1 });
  });

  test('of pipelines that are not there, or of several, are no metrics of their own', () => {
    const { take, read } = create();
    for (const pipelineNames of [['a'], ['b'], ['training', 'a'], ['training', 'training'], []]) {
      take('1', createRunOrder({ pipelineNames }), { type: 'run.queued' });
    }
    expect(read('runs_accepted_total')).toEqual({
      other: 2,
      several: 1,
      training: 1,
      __default__: 1,
    });
  });

  test('that wait and run now are told by their owner', () => {
    const { read } = create();
    expect(read('runs_running')).toEqual({ '': 1 });
    expect(read('runs_waiting')).toEqual({ '': 2 });
    expect(read('runs_waiting_max')).toEqual({ '': 3 });
    expect(read('runs_capacity')).toEqual({ '': 4 });
  });

  test('tell their nodes', () => {
    const { take, read } = create();
    const error = { type: 'ValueError', message: 'no' };
    take(
      '1',
      createRunOrder(),
      { type: 'node.started', elapsedMs: 0, node: 'a' },
      { type: 'node.finished', elapsedMs: 0, node: 'a', durationMs: 1 },
      { type: 'node.failed', elapsedMs: 0, node: 'b', error },
    );
    expect(read('nodes_total')).toEqual({ finished: 1, failed: 1 });
  });

  test('are counted as their owner tells of them', async () => {
    const executor = createMemoryExecutor();
    const { metrics, read } = create();
    const runs = createRuns({ executor, onEvent: metrics.observe });
    for (let at = 0; at < 3; at += 1) {
      const { record } = await runs.submit(createSubmission());
      await runs.waitForEnd(record.id);
    }
    await runs.close();
    expect(read('runs_accepted_total')).toEqual({ __default__: 3 });
    expect(read('runs_total')).toEqual({ '__default__ succeeded': 3 });
    expect(read('run_queue_wait_seconds_count')).toEqual({ '': 3 });
  });
});

test('requests are counted by route and status', () => {
  const { metrics, read } = create();
  const countShown = metrics.countRoute('/runs/{id}');
  countShown('GET', 200, 3);
  countShown('GET', 404, 3);
  metrics.countRoute('other')('BREW', 404, 3);
  expect(read('http_requests_total')).toEqual({
    'GET /runs/{id} 200': 1,
    'GET /runs/{id} 404': 1,
    'other other 404': 1,
  });
  expect(read('http_request_duration_seconds_count')).toEqual({
    'GET /runs/{id}': 2,
    'other other': 1,
  });
});

test('other rooms add their own', () => {
  const { metrics, read } = create();
  metrics.add(createReading({ name: 'kedro_server_workers', help: 'Workers.' }, 'gauge', () => 2));
  expect(read('workers')).toEqual({ '': 2 });
});

test('everything has a type, and nothing has two', () => {
  const { metrics, take } = create();
  take('1', createRunOrder(), { type: 'run.queued' }, ended);
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  const { types, samples } = readPrometheusText(metrics.toText());
  for (const { name } of samples) {
    const family = types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/u, '');
    expect(types.has(family)).toBe(true);
  }
});
