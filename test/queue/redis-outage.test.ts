import { Redis } from 'ioredis';
import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { createRedisRunStore } from '../../src/queue/redis-run-store.ts';
import type { RunChange } from '../../src/queue/shared-run-store.ts';
import { createEntry, queryOf } from '../conformance/run-records.ts';
import { eventually } from '../eventually.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { redisUrl } from '../redis.ts';
import { type RedisServer, startRedisServer } from '../redis-server.ts';
import { createClaimer, createQueued, noLimits } from './queued-record.ts';
import { openSharedStores } from './shared-store.ts';

const unusable = { code: 'store-unusable' };

async function startServer(settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedisServer(settings);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function createStore(connection: string, warnings: string[] = [], timeoutMs = 500) {
  const store = createRedisRunStore({
    connection,
    timeoutMs,
    onWarning: (warning) => warnings.push(warning),
  });
  onTestFinished(() => store.close());
  return store;
}

describe.skipIf(inject('redisMissing') !== null)('when Redis', () => {
  test('answers nothing, calls are refused in time, and go on when it does', async () => {
    await using proxy = await startFaultProxy(redisUrl);
    const connection = `redis://127.0.0.1:${proxy.port}`;
    const [store] = await openSharedStores({ connection, timeoutMs: 500 });
    const run = createQueued();
    await store.accept(run, null, noLimits);
    proxy.hold();
    for (let round = 0; round < 5; round += 1) {
      const calls = [
        store.check(),
        store.get(run.id),
        store.list(queryOf()),
        store.accept(createQueued(), null, noLimits),
        store.unfinished(),
      ];
      const beganAt = performance.now();
      const outcomes = await Promise.allSettled(calls);
      expect(performance.now() - beganAt).toBeLessThan(5000);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: unusable });
      }
    }
    proxy.cut();
    proxy.release();
    await eventually(() => store.check());
    expect(await store.get(run.id)).toMatchObject({ id: run.id });
    // What was refused is not done later, behind its caller's back.
    expect(await store.unfinished()).toHaveLength(1);
  });

  test('is killed and started again, nothing that was written is lost', async () => {
    const server = await startServer(['--appendonly', 'yes', '--appendfsync', 'everysec']);
    const warnings: string[] = [];
    const store = createStore(server.url, warnings);
    await store.open();
    expect(warnings).toEqual([]);
    const seen: RunChange[] = [];
    const runs = [];
    for (let round = 0; round < 50; round += 1) {
      const run = createQueued();
      runs.push(run);
      await store.accept(run, null, noLimits);
    }
    const [first] = runs;
    store.watch(first?.id ?? '', (change) => seen.push(change));
    await eventually(() => expect(seen).toHaveLength(1));
    const version = await store.nextSaveVersion();
    await server.kill();
    await eventually(() => expect(store.check()).rejects.toMatchObject(unusable));
    await server.start();
    await eventually(() => store.check());
    expect((await store.unfinished()).map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
    expect((await store.nextSaveVersion()) > version).toBe(true);
    await eventually(() => expect(seen.length).toBeGreaterThan(1));
    await store.requestStop(first?.id ?? '', { kind: 'cancelled', reason: 'r' });
    await eventually(() => expect(seen.at(-1)).toMatchObject({ status: 'cancelled' }));
  });

  test('is not there yet, opening says so without its password, and may be tried again', async () => {
    const server = await startServer([]);
    await server.kill();
    const { host } = new URL(server.url);
    const store = createStore(`redis://user:secret@${host}`);
    await expect(store.check()).rejects.toThrow('has not been opened');
    const told: unknown = await store.open().catch((error: unknown) => error);
    expect(told).toMatchObject({ ...unusable, message: expect.stringContaining(host) });
    expect(String(told)).not.toContain('secret');
    const plain = createStore(server.url);
    await expect(plain.open()).rejects.toMatchObject(unusable);
    await server.start();
    await eventually(() => plain.open());
    await plain.check();
  });

  test('is there, opening twice is the same as once', async () => {
    const timeoutMs = 200;
    const store = createStore((await startServer([])).url, [], timeoutMs);
    await store.open();
    await store.open();
    for (const openedAt = performance.now(); performance.now() - openedAt < 2 * timeoutMs;) {
      await store.check();
    }
  });

  test('wants a password, opening says what it has said', async () => {
    const server = await startServer([]);
    const store = createStore(server.url.replace('//', '//user:wrong@'));
    await expect(store.open()).rejects.toMatchObject({
      ...unusable,
      message: expect.stringContaining('WRONGPASS'),
    });
  });

  test('would lose runs, opening warns', async () => {
    const server = await startServer(['--maxmemory-policy', 'allkeys-lru']);
    const warnings: string[] = [];
    await createStore(server.url, warnings).open();
    expect(warnings).toEqual([
      expect.stringContaining('no append-only file'),
      expect.stringContaining('allkeys-lru'),
    ]);
  });

  test('is of a cluster, everything is in one slot of it', async () => {
    const server = await startServer(['--cluster-enabled', 'yes']);
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    await client.cluster('ADDSLOTSRANGE', 0, 16_383);
    await eventually(async () => {
      expect(await client.cluster('INFO')).toContain('cluster_state:ok');
    });
    const store = createStore(server.url);
    await store.open();
    const concurrency = { key: 'k', limit: 1, onConflict: 'queue' } as const;
    const run = createQueued({ owner: 'o', labels: { a: 'b' }, concurrency });
    const key = { key: 'k', fingerprint: '', runId: run.id, expiresAtMs: Date.now() + 60_000 };
    await store.accept(run, key, noLimits);
    await store.claim(run.id, createClaimer('a', { leaseMs: 0 }));
    const wish = { kind: 'cancelled', reason: 'r' } as const;
    expect(await store.requestStop(run.id, wish)).toBe('cancelled');
    expect(await store.list(queryOf({ labels: { a: 'b' }, statuses: ['cancelled'] }))).toHaveLength(
      1,
    );
    expect(await store.prune({ endedBeforeMs: null, maxEndedRuns: 0, nowMs: Infinity })).toBe(1);
  });

  test('is full, what is written is refused whole, and removing makes room', async () => {
    const server = await startServer(['--maxmemory', '6mb', '--maxmemory-policy', 'noeviction']);
    const store = createStore(server.url);
    await store.open();
    const accepted: string[] = [];
    const text = JSON.stringify('x'.repeat(100_000));
    const fill = async (): Promise<void> => {
      for (;;) {
        const run = { ...createQueued(), status: 'failed' as const, endedAtMs: 1 };
        const entries = [{ runId: run.id, entry: createEntry(1) }];
        const outputs = [{ runId: run.id, name: 'o', json: text }];
        await store.write({ runs: [run], keys: [], entries, outputs });
        accepted.push(run.id);
      }
    };
    await expect(fill()).rejects.toMatchObject({
      ...unusable,
      message: expect.stringContaining('OOM'),
    });
    expect(accepted.length).toBeGreaterThan(5);
    const kept = await store.list(queryOf());
    expect(kept.map(({ id }) => id)).toEqual(accepted.toReversed());
    let open = 0;
    const accept = async (): Promise<void> => {
      for (; ; open += 1) await store.accept(createQueued(), null, noLimits);
    };
    await expect(accept()).rejects.toMatchObject(unusable);
    expect(await store.unfinished()).toHaveLength(open);
    const all = { endedBeforeMs: null, maxEndedRuns: 1, nowMs: 0 };
    expect(await store.prune(all)).toBe(accepted.length - 1);
    await eventually(() => store.accept(createQueued(), null, noLimits));
  });
});
