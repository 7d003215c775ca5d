import { describe, expect, test } from 'vitest';

import type { ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import { planRetry, readProgress } from '../../src/run/plan-retry.ts';
import type { RunLogEntry, RunLogEvent } from '../../src/run/run-log-entry.ts';
import type { RunRecord } from '../../src/run/run-record.ts';
import { createSubmission } from './submission.ts';

function describeNode(name: string, inputs: string[], outputs: string[]) {
  return { name, funcName: 'f', namespace: null, tags: [], inputs, outputs, source: null };
}

const read = describeNode('read', ['raw'], ['table@pandas', 'notes']);
const warm = describeNode('warm', ['raw', 'params:limit'], ['warmed']);
const train = describeNode('train', ['table@spark', 'warmed'], ['model']);
const score = describeNode('score', ['model', 'table@spark'], ['metrics']);
const selected = [read, warm, train, score];

function dataset(name: string, type: string) {
  return { [name]: { name, type, filepath: null } };
}

const snapshot: ProjectSnapshot = {
  metadata: { projectName: 'Shop', packageName: 'shop', kedroVersion: '1.7.0' },
  pipelines: [],
  datasets: {
    ...dataset('raw', 'pandas.CSVDataset'),
    ...dataset('table@pandas', 'pandas.ParquetDataset'),
    ...dataset('table@spark', 'spark.SparkDataset'),
    ...dataset('warmed', 'kedro.io.MemoryDataset'),
    ...dataset('model', 'pickle.PickleDataset'),
    ...dataset('metrics', 'json.JSONDataset'),
  },
  parameters: ['limit'],
};

const saveVersion = '2026-03-01T09.30.00.125Z';

function plan(
  {
    finished,
    saved,
    planned = null,
  }: { finished: string[]; saved: string[]; planned?: string[] | null },
  order: Partial<RunRecord['submission']['order']> = {},
) {
  const submission = createSubmission();
  const record = {
    saveVersion,
    submission: { ...submission, order: { ...submission.order, ...order } },
  };
  return planRetry(snapshot, record as RunRecord, selected, {
    planned,
    finished: new Set(finished),
    saved: new Set(saved),
  });
}

describe('what is left of a run', () => {
  test('is all of it when nothing was finished', () => {
    expect(plan({ finished: [], saved: [] })).toEqual({
      nodeNames: ['read', 'warm', 'train', 'score'],
      loadVersions: {},
    });
  });

  test('has the nodes whose data was in memory, and reads what was saved in its version', () => {
    const left = plan({ finished: ['read', 'warm'], saved: ['table@pandas', 'notes', 'warmed'] });
    expect(left).toEqual({
      nodeNames: ['warm', 'train', 'score'],
      loadVersions: { 'table@spark': saveVersion },
    });
  });

  test('leaves memory alone that nothing needs any more', () => {
    const left = plan(
      { finished: ['read', 'warm', 'train'], saved: ['table@pandas', 'warmed', 'model'] },
      { loadVersions: { raw: '1', model: '0' } },
    );
    expect(left).toEqual({
      nodeNames: ['score'],
      loadVersions: { raw: '1', model: saveVersion, 'table@spark': saveVersion },
    });
  });

  test('reads as before what the run had itself been told to read', () => {
    const left = plan(
      { finished: ['train'], saved: ['model'], planned: ['train', 'score'] },
      { loadVersions: { 'table@spark': 'old' } },
    );
    expect(left?.nodeNames).toEqual(['score']);
    expect(left?.loadVersions).toEqual({ 'table@spark': 'old', model: saveVersion });
  });

  test('makes again what is wanted as an output', () => {
    const finished = ['read', 'warm', 'train'];
    const saved = ['table@pandas', 'notes', 'warmed', 'model'];
    expect(plan({ finished, saved }, { outputs: ['notes', 'metrics'] })?.nodeNames).toEqual([
      'read',
      'score',
    ]);
  });

  test('is nothing when all nodes that were planned are finished', () => {
    expect(plan({ finished: ['read'], saved: [], planned: ['read'] })).toBeNull();
  });
});

test('progress is what the log tells, whatever else is in it', async () => {
  const event = (id: number, told: RunLogEvent): RunLogEntry => ({ id, atMs: 0, event: told });
  async function* batches() {
    yield [event(1, { type: 'run.queued' }), event(2, { type: 'run.started', elapsedMs: 0 })];
    yield [
      event(3, { type: 'run.planned', elapsedMs: 1, nodes: ['a', 'b'] }),
      event(4, { type: 'dataset.saved', elapsedMs: 1, dataset: 'x', node: 'a', durationMs: 1 }),
      event(5, { type: 'node.finished', elapsedMs: 1, node: 'a', durationMs: 1 }),
      event(6, { type: 'node.failed', elapsedMs: 1, node: 'b', error: { type: 'E', message: '' } }),
    ];
  }
  expect(await readProgress(batches())).toEqual({
    planned: ['a', 'b'],
    finished: new Set(['a']),
    saved: new Set(['x']),
  });
});
