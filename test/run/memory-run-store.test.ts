import { expect, test } from 'vitest';

import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import type { RunRecord } from '../../src/run/run-record.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import {
  batchOf,
  createEntry,
  createLogEvent,
  createRecord,
  queryOf,
  withStatus,
} from '../conformance/run-records.ts';

const mebibyte = 1024 * 1024;

async function idsIn(store: RunStore): Promise<readonly string[]> {
  return (await store.list(queryOf({ limit: 10_000 }))).map(({ id }) => id).toReversed();
}

async function writeLog(store: RunStore, run: RunRecord, bytes: number): Promise<void> {
  const entry = createEntry(1, createLogEvent('x'.repeat(bytes)));
  await store.write(batchOf({ runs: [run], entries: [{ runId: run.id, entry }] }));
}

test('what ended first goes first, and what runs stays', async () => {
  const store = createMemoryRunStore({ maxRuns: 2 });
  const runs = [30, 10, 20, 40].map((atMs) => withStatus(createRecord(), 'succeeded', atMs));
  const running = Array.from({ length: 5 }, () => createRecord());
  await store.write(batchOf({ runs: [...running, ...runs] }));
  const ids = [runs[0], runs[3], ...running].map((run) => run?.id);
  expect(await idsIn(store)).toEqual(ids);
});

test('the default is the last 1,000', async () => {
  const store = createMemoryRunStore();
  const runs = Array.from({ length: 1100 }, (_, at) => withStatus(createRecord(), 'failed', at));
  for (const run of runs) await store.write(batchOf({ runs: [run] }));
  expect(await idsIn(store)).toEqual(runs.slice(100).map(({ id }) => id));
});

test('logs, outputs and requests count as memory', async () => {
  const store = createMemoryRunStore({ maxBytes: 3.5 * mebibyte });
  const runs = Array.from({ length: 6 }, (_, at) => withStatus(createRecord(), 'failed', at));
  for (const run of runs.slice(0, 2)) await writeLog(store, run, mebibyte);
  for (const run of runs.slice(2, 4)) {
    const json = JSON.stringify('x'.repeat(mebibyte));
    await store.write(batchOf({ runs: [run], outputs: [{ runId: run.id, name: 'o', json }] }));
  }
  expect(await idsIn(store)).toEqual(runs.slice(1, 4).map(({ id }) => id));
  const [, , , , wide] = runs;
  if (wide === undefined) throw new Error('There is no such run.');
  await store.write(batchOf({ runs: [{ ...wide, nodesRunning: ['ÿĀ'.repeat(mebibyte / 2)] }] }));
  expect(await idsIn(store)).toEqual(runs.slice(3, 5).map(({ id }) => id));
});

test('an output that is replaced counts once', async () => {
  const store = createMemoryRunStore({ maxBytes: 2.5 * mebibyte });
  const [first, second] = [withStatus(createRecord(), 'failed', 1), createRecord()];
  await store.write(batchOf({ runs: [first, second] }));
  const json = JSON.stringify('x'.repeat(mebibyte));
  for (let round = 0; round < 5; round += 1) {
    await store.write(batchOf({ outputs: [{ runId: second.id, name: 'o', json }] }));
  }
  expect(await idsIn(store)).toEqual([first.id, second.id]);
});

test('a log that alone is over the bound takes the place of all others, and is kept', async () => {
  const store = createMemoryRunStore({ maxBytes: mebibyte });
  const others = [1, 2, 3].map((atMs) => withStatus(createRecord(), 'failed', atMs));
  await store.write(batchOf({ runs: others }));
  const run = createRecord();
  await writeLog(store, run, 2 * mebibyte);
  expect(await idsIn(store)).toEqual([others[2]?.id, run.id]);
  await store.write(batchOf({ runs: [withStatus(run, 'succeeded', 4)] }));
  expect(await idsIn(store)).toEqual([run.id]);
  expect(await store.entries(run.id, 0, 9)).toHaveLength(1);
  const next = withStatus(createRecord(), 'succeeded', 5);
  await store.write(batchOf({ runs: [next] }));
  expect(await idsIn(store)).toEqual([next.id]);
});

test('keys outlive their runs, and are bounded too', async () => {
  const store = createMemoryRunStore({ maxRuns: 1 });
  const run = withStatus(createRecord(), 'succeeded', 1);
  const keys = Array.from({ length: 100_001 }, (_, index) => ({
    key: `key-${index}`,
    fingerprint: 'f',
    expiresAtMs: 10,
    runId: run.id,
  }));
  await store.write(batchOf({ runs: [run, withStatus(createRecord(), 'failed', 2)], keys }));
  expect(await store.get(run.id)).toBeNull();
  expect(await store.findKey('key-0', 0)).toBeNull();
  expect(await store.findKey('key-1', 0)).toEqual(keys[1]);
});
