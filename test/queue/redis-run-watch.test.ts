import { describe, expect, inject, onTestFinished, test } from 'vitest';

import type { RunChange } from '../../src/queue/shared-run-store.ts';
import { batchOf, createEntry } from '../conformance/run-records.ts';
import { eventually } from '../eventually.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { createRedisPrefix, redisUrl } from '../redis.ts';
import { createClaimer, createQueued, noLimits } from './queued-record.ts';
import { openSharedStores } from './shared-store.ts';

const wish = { kind: 'cancelled', reason: 'r' } as const;

describe.skipIf(inject('redisMissing') !== null)('watching runs in Redis', () => {
  test('tells how a run is, and of what changes, wherever it is written', async () => {
    const [server, worker] = await openSharedStores();
    const run = createQueued();
    const seen: RunChange[] = [];
    const stop = server.watch(run.id, (change) => seen.push(change));
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen[0]).toEqual({ runId: run.id, status: null, lastEventId: 0, stopWish: null });
    await worker.accept(run, null, noLimits);
    await eventually(() => expect(seen.at(-1)).toMatchObject({ status: 'queued', lastEventId: 1 }));
    await worker.claim(run.id, createClaimer('a'));
    await worker.requestStop(run.id, wish);
    await eventually(() => expect(seen.at(-1)).toMatchObject({ stopWish: wish }));
    const ended = { ...run, status: 'failed' as const, endedAtMs: 1 };
    await worker.write(
      batchOf({ runs: [ended], entries: [{ runId: run.id, entry: createEntry(2) }] }),
    );
    await eventually(() => expect(seen.at(-1)).toMatchObject({ status: 'failed', lastEventId: 2 }));
    stop();
    stop();
    const [{ length }, others]: [RunChange[], RunChange[]] = [seen, []];
    // Who watches later hears of it, and who has stopped does not.
    server.watch(run.id, (change) => others.push(change));
    server.watch(run.id, (change) => others.push(change));
    await eventually(() => expect(others.length).toBeGreaterThanOrEqual(2));
    expect(others.every(({ lastEventId }) => lastEventId === 2)).toBe(true);
    expect(seen).toHaveLength(length);
  });

  test('tells of many runs, in the order of each', async () => {
    const [server, worker] = await openSharedStores();
    const runs = Array.from({ length: 100 }, () => createQueued());
    const seen = new Map<string, number[]>(runs.map(({ id }) => [id, []]));
    for (const { id } of runs) {
      server.watch(id, ({ lastEventId }) => seen.get(id)?.push(lastEventId));
    }
    await worker.write(batchOf({ runs }));
    for (let entry = 1; entry <= 20; entry += 1) {
      const entries = runs.map(({ id }) => ({ runId: id, entry: createEntry(entry) }));
      await worker.write(batchOf({ entries }));
    }
    await eventually(() => {
      expect([...seen.values()].map((ids) => ids.at(-1))).toEqual(runs.map(() => 20));
    });
    for (const ids of seen.values()) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  test.each([['cut'], ['hold']] as const)(
    'loses nothing when its connections are %s',
    async (how) => {
      await using proxy = await startFaultProxy(redisUrl);
      const prefix = createRedisPrefix();
      const [worker] = await openSharedStores({ prefix });
      const [server] = await openSharedStores({
        prefix,
        connection: `redis://127.0.0.1:${proxy.port}`,
        timeoutMs: 500,
      });
      const run = createQueued();
      const seen: RunChange[] = [];
      let turns = 0;
      onTestFinished(server.watch(run.id, (change) => seen.push(change)));
      onTestFinished(
        server.watchTurns(() => {
          turns += 1;
        }),
      );
      await eventually(() => expect([seen.length, turns]).toEqual([1, 1]));
      for (let round = 1; round <= 3; round += 1) {
        const before = turns;
        const lastEventId = round * 10;
        if (how === 'hold') proxy.hold();
        else proxy.cut();
        const entries = Array.from({ length: 10 }, (_, index) => ({
          runId: run.id,
          entry: createEntry(lastEventId - 9 + index),
        }));
        await worker.write(batchOf({ runs: [run], entries }));
        if (how === 'hold') {
          // A connection that says nothing is given up; the next one is made through the proxy.
          await eventually(async () => {
            await expect(server.check()).rejects.toMatchObject({ code: 'store-unusable' });
          });
          proxy.cut();
          proxy.release();
        }
        await eventually(() => expect(seen.at(-1)).toMatchObject({ lastEventId }));
        await eventually(() => expect(turns).toBeGreaterThan(before));
      }
    },
  );
});
