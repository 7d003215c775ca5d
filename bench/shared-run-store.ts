import { Redis } from 'ioredis';

import { createRedisRunStore } from '../src/queue/redis-run-store.ts';
import type { SharedRunStore } from '../src/queue/shared-run-store.ts';
import { LiveRun } from '../src/run/live-run.ts';
import type { RunEvent } from '../src/executor/run-event.ts';
import {
  batchOf,
  createEntry,
  createRecord,
  queryOf,
  withStatus,
} from '../test/conformance/run-records.ts';
import { createClaimer, createQueued, noLimits } from '../test/queue/queued-record.ts';
import { startRedisServer } from '../test/redis-server.ts';
import { createSubmission } from '../test/run/submission.ts';
import { median } from './load.ts';

const nodeCount = 3;
const lives = 1000;
const history = Number(process.env['RUNS'] ?? 20_000);

/**
 * `node bench/shared-run-store.ts`: what a run costs a Redis of its own that keeps an append-only
 * file, and one process; then what a history of runs takes there.
 */
await using server = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'everysec']);
const store = createRedisRunStore({ connection: server.url, timeoutMs: 10_000 });
const redis = new Redis(server.url);
await store.open();
try {
  await measureLives(1);
  await measureLives(16);
  await measureWrites();
  await redis.flushall();
  await measureHistory();
} finally {
  await store.close();
  redis.disconnect();
}

function eventsOf(): readonly RunEvent[] {
  const nodes = Array.from({ length: nodeCount }, (_, index) => `node_${index}`);
  const planned = { type: 'run.planned', elapsedMs: 1, nodes: nodes.map((name) => ({ name })) };
  return [
    { type: 'run.started', elapsedMs: 0 },
    planned,
    ...nodes.flatMap((node) => [
      { type: 'node.started', elapsedMs: 1, node },
      { type: 'node.finished', elapsedMs: 2, node, durationMs: 1 },
    ]),
    { type: 'run.ended', elapsedMs: 3, status: 'succeeded', durationMs: 3, error: null },
  ] as unknown as readonly RunEvent[];
}

/** All that servers and workers ask of the store for one run. */
async function live(target: SharedRunStore, owner: string): Promise<void> {
  const record = { ...createQueued({ owner }), saveVersion: await target.nextSaveVersion() };
  await target.accept(record, null, noLimits);
  await target.markQueued([record.id]);
  const claim = await target.claim(record.id, createClaimer(record.id));
  if (claim.kind !== 'claimed') throw new Error(`It is ${claim.kind}.`);
  const run = new LiveRun(claim.record, 1000);
  run.begin();
  await target.write(batchOf({ runs: [run.toRecord()] }), [claim.fence]);
  const entries = eventsOf().map((event) => ({ runId: run.id, entry: run.take(event).entry }));
  await target.write(batchOf({ runs: [run.toRecord()], entries }), [claim.fence]);
}

async function measureLives(atOnce: number): Promise<void> {
  await redis.config('RESETSTAT');
  const before = await used('used_cpu_user', 'used_cpu_sys');
  const usage = process.cpuUsage();
  const beganAt = performance.now();
  let left = lives;
  await Promise.all(
    Array.from({ length: atOnce }, async (_, index) => {
      while (left > 0) {
        left -= 1;
        await live(store, `owner ${index}`);
      }
    }),
  );
  const tookMs = performance.now() - beganAt;
  const { user, system } = process.cpuUsage(usage);
  const cpuS = (await used('used_cpu_user', 'used_cpu_sys')) - before;
  const calls = await used('total_commands_processed');
  const [input, output] = [
    await used('total_net_input_bytes'),
    await used('total_net_output_bytes'),
  ];
  console.log(
    `lives of ${lives} runs (${nodeCount} nodes), ${atOnce} at once: ${Math.round((lives / tookMs) * 1000)} runs/s; ` +
      `a run: ${(calls / lives).toFixed(1)} commands, ${Math.round(input / lives)} B in, ${Math.round(output / lives)} B out, ` +
      `${Math.round((cpuS / lives) * 1e6)} µs of Redis, ${Math.round((user + system) / lives)} µs of this process`,
  );
}

async function used(...names: readonly string[]): Promise<number> {
  const info = await redis.info('everything');
  return names.reduce((sum, name) => {
    const value = new RegExp(`^${name}:([0-9.]+)`, 'mu').exec(info)?.[1];
    return sum + Number(value);
  }, 0);
}

async function measureWrites(): Promise<void> {
  const runs = Array.from({ length: 16 }, () => createRecord());
  await store.write(batchOf({ runs }));
  const beganAt = performance.now();
  let writes = 0;
  await Promise.all(
    runs.map(async ({ id: runId }) => {
      for (let id = 1; id <= 1000; id += 1) {
        await store.write(batchOf({ entries: [{ runId, entry: createEntry(id) }] }));
        writes += 1;
      }
    }),
  );
  const tookMs = performance.now() - beganAt;
  console.log(`writes of one entry, 16 at once: ${Math.round((writes / tookMs) * 1000)} a second`);
}

async function measureHistory(): Promise<void> {
  const before = await used('used_memory');
  const ids: string[] = [];
  while (ids.length < history) {
    const runs = Array.from({ length: 200 }, (_, index) => {
      const labels = { tenant: `tenant-${(ids.length + index) % 1000}` };
      const record = createRecord({ submission: createSubmission({ labels, owner: 'a' }) });
      return withStatus(
        { ...record, lastEventId: 11 },
        index % 20 === 0 ? 'failed' : 'succeeded',
        record.createdAtMs + 500,
      );
    });
    const entries = runs.flatMap(({ id: runId }) =>
      Array.from({ length: 11 }, (_, index) => ({ runId, entry: createEntry(index + 1) })),
    );
    await store.write(batchOf({ runs, entries }));
    ids.push(...runs.map(({ id }) => id));
  }
  const bytes = (await used('used_memory')) - before;
  console.log(
    `${history} runs with 11 entries, a label and an owner: ${Math.round(bytes / history)} B a run`,
  );
  const [first = ''] = ids;
  for (const part of ['run', 'log']) {
    console.log(
      `  of which ${part}: ${String(await redis.memory('USAGE', `{kedro}:${part}:${first}`, 'SAMPLES', 0))} B`,
    );
  }
  const asks: Readonly<Record<string, () => Promise<unknown>>> = {
    'a run': () => store.get(ids[Math.floor(Math.random() * ids.length)] ?? ''),
    'a log': () => store.entries(ids[Math.floor(Math.random() * ids.length)] ?? '', 0, 500),
    'list, newest 50': () => store.list(queryOf({ limit: 50 })),
    'list, failed': () => store.list(queryOf({ limit: 50, statuses: ['failed'] })),
    'list, label of 1 in 1,000': () =>
      store.list(queryOf({ limit: 50, labels: { tenant: 'tenant-7' } })),
    'list, since the middle': () =>
      store.list(queryOf({ limit: 50, sinceMs: Date.UTC(2026, 0, 1) + (history / 2) * 1000 })),
    'list, nothing matches of all': () =>
      store.list(queryOf({ limit: 50, statuses: ['succeeded'], labels: { tenant: 'none' } })),
    'list, label and state that never meet': () =>
      store.list(
        queryOf({ limit: 50, statuses: ['failed'], owner: 'a', labels: { tenant: 'tenant-7' } }),
      ),
  };
  for (const [name, ask] of Object.entries(asks)) {
    const timesMs: number[] = [];
    for (let sample = 0; sample < 200; sample += 1) {
      const beganAt = performance.now();
      await ask();
      timesMs.push(performance.now() - beganAt);
    }
    const p99 = timesMs.toSorted((a, b) => a - b)[197] ?? Number.NaN;
    console.log(
      `${name.padEnd(40)} p50 ${median(timesMs).toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`,
    );
  }
  const beganAt = performance.now();
  const removed = await store.prune({ endedBeforeMs: null, maxEndedRuns: 0, nowMs: 0 });
  console.log(
    `removing ${removed} runs: ${Math.round(((performance.now() - beganAt) / removed) * 1000)} µs each`,
  );
  console.log(`left: ${await redis.dbsize()} keys`);
}
