import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { createSqliteRunStore } from '../src/nodejs/sqlite-run-store.ts';
import type { RunRecord, RunStatus } from '../src/run/run-record.ts';
import type { RunStore } from '../src/run/run-store.ts';
import {
  batchOf,
  createEntry,
  createRecord,
  queryOf,
  withStatus,
} from '../test/conformance/run-records.ts';
import { createSubmission } from '../test/run/submission.ts';
import { median } from './load.ts';

const runCount = 100_000;
const entryCount = 12;
const samples = 300;

/** `node bench/run-store.ts`: the store of runs in SQLite, with a history of 100,000 runs. */
const folder = await mkdtemp(join(tmpdir(), 'kedro-server-bench-'));
const file = join(folder, 'runs.sqlite');
const store = createSqliteRunStore({ path: file });
await store.open();
try {
  const records = await fill(store);
  await measureReads(store, records);
  await measureWrites(store);
  await measurePrune(store);
} finally {
  await store.close();
  await rm(folder, { recursive: true, force: true });
}

function tell(name: string, timesMs: readonly number[]): void {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  console.log(`${name.padEnd(44)} p50 ${median(timesMs).toFixed(3)} ms  p99 ${p99.toFixed(3)} ms`);
}

async function time(name: string, ask: (sample: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const startedAt = performance.now();
    await ask(sample);
    times.push(performance.now() - startedAt);
  }
  tell(name, times);
}

function createHistory(index: number): RunRecord {
  const statuses: readonly RunStatus[] = ['succeeded', 'succeeded', 'succeeded', 'failed'];
  const { order, ...rest } = createSubmission({
    labels: {
      tenant: `tenant-${index % 1000}`,
      team: 'all',
      ...(index % 10_000 === 7 && { rare: 'yes' }),
    },
  });
  const pipelineNames = index % 3 === 0 ? ['training'] : null;
  const record = createRecord({
    submission: { ...rest, order: { ...order, pipelineNames } },
    lastEventId: entryCount,
  });
  const status = index % 20_000 === 11 ? 'crashed' : (statuses[index % 4] ?? 'succeeded');
  return withStatus(record, status, record.createdAtMs + 500);
}

function entriesOf({ id }: RunRecord) {
  return Array.from({ length: entryCount }, (_, at) => ({ runId: id, entry: createEntry(at + 1) }));
}

async function fill(target: RunStore): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  while (records.length < runCount) {
    const runs = Array.from({ length: 500 }, (_, at) => createHistory(records.length + at));
    records.push(...runs);
    await target.write(batchOf({ runs, entries: runs.flatMap(entriesOf) }));
  }
  const { size } = await stat(file);
  console.log(
    `${runCount} runs with ${entryCount} entries each: ${(size / 2 ** 20).toFixed(0)} MiB`,
  );
  return records;
}

async function measureReads(target: RunStore, records: readonly RunRecord[]): Promise<void> {
  const recordAt = (sample: number): RunRecord => {
    const record = records[(sample * 7919) % records.length];
    if (record === undefined) throw new Error('There is no such run.');
    return record;
  };
  const list = (name: string, wanted: (sample: number) => Parameters<typeof queryOf>[0]) =>
    time(`list, ${name}`, (sample) => target.list(queryOf({ limit: 50, ...wanted(sample) })));
  await list('newest', () => ({}));
  await list('newest 200', () => ({ limit: 200 }));
  await list('page anywhere', (sample) => ({ before: recordAt(sample).id }));
  await list('status failed', () => ({ statuses: ['failed'] }));
  await list('status crashed or running (rare)', () => ({ statuses: ['crashed', 'running'] }));
  await list('all final statuses, anywhere', (sample) => ({
    statuses: ['succeeded', 'failed', 'cancelled', 'timed_out', 'crashed', 'lost'],
    before: recordAt(sample).id,
  }));
  await list('pipeline', () => ({ pipeline: 'training' }));
  await list('pipeline unknown', () => ({ pipeline: 'unknown' }));
  await list('label of 1 in 1,000', (sample) => ({ labels: { tenant: `tenant-${sample}` } }));
  await list('label of all', () => ({ labels: { team: 'all' } }));
  await list('label of 1 in 10,000', () => ({ labels: { rare: 'yes' } }));
  await list('since', (sample) => ({ sinceMs: recordAt(sample).createdAtMs }));
  await list('until', (sample) => ({ untilMs: recordAt(sample).createdAtMs }));
  await list('a span of 10 s', (sample) => ({
    sinceMs: recordAt(sample).createdAtMs,
    untilMs: recordAt(sample).createdAtMs + 10_000,
  }));
  await list('status, pipeline, two labels, until', (sample) => ({
    statuses: ['failed'],
    pipeline: 'training',
    labels: { team: 'all', tenant: `tenant-${sample}` },
    untilMs: recordAt(sample).createdAtMs,
  }));
  await list('status, pipeline, label of all', () => ({
    statuses: ['failed'],
    pipeline: 'training',
    labels: { team: 'all' },
  }));
  await time('show', (sample) => target.get(recordAt(sample).id));
  await time('entries, 100', (sample) => target.entries(recordAt(sample).id, 0, 100));
  await time('entries of a type', (sample) =>
    target.entries(recordAt(sample).id, 0, 100, 'node.failed'),
  );
  await time('unfinished', () => target.unfinished());
}

async function measureWrites(target: RunStore): Promise<void> {
  await time(`write of a new run with ${entryCount} entries`, async (sample) => {
    const run = createHistory(sample);
    await target.write(batchOf({ runs: [run], entries: entriesOf(run) }));
  });
  const runs = Array.from({ length: samples }, () => createRecord());
  await time('write of an accepted run', async (sample) => {
    await target.write(batchOf({ runs: runs.slice(sample, sample + 1) }));
  });
  await time(`write of a run's end with ${entryCount} entries`, async (sample) => {
    const ended = runs.slice(sample, sample + 1).map((run) => withStatus(run, 'failed', 1e13));
    await target.write(batchOf({ runs: ended, entries: ended.flatMap(entriesOf) }));
  });
}

async function measurePrune(target: RunStore): Promise<void> {
  const long = createRecord();
  await target.write(batchOf({ runs: [long] }));
  for (let from = 0; from < 1_000_000; from += 1000) {
    await target.write(
      batchOf({
        entries: Array.from({ length: 1000 }, (_, at) => ({
          runId: long.id,
          entry: createEntry(from + at + 1),
        })),
      }),
    );
  }
  await target.write(batchOf({ runs: [withStatus(long, 'failed', 0)] }));
  for (const [name, endedBeforeMs, maxEndedRuns] of [
    ['prune of one run with 1,000,000 entries', 1, null],
    ['prune of 10,000 runs', null, runCount - 10_000],
  ] as const) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedAt = performance.now();
    const removed = await target.prune({ endedBeforeMs, maxEndedRuns, nowMs: 0 });
    const tookMs = performance.now() - startedAt;
    delay.disable();
    console.log(
      `${name.padEnd(44)} ${removed} removed in ${tookMs.toFixed(0)} ms; event loop late by p50 ${(delay.percentile(50) / 1e6).toFixed(1)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, at most ${(delay.max / 1e6).toFixed(1)} ms`,
    );
  }
}
