import { describe, expect, inject, test } from 'vitest';

import { LiveRun } from '../../src/run/live-run.ts';
import type { RunRecord } from '../../src/run/run-record.ts';
import { RunRefused } from '../../src/run/run-refused.ts';
import type { RunFence, SharedRunStore } from '../../src/queue/shared-run-store.ts';
import { batchOf, createEntry, queryOf } from '../conformance/run-records.ts';
import { eventually } from '../eventually.ts';
import { createClaimer, createQueued, noLimits } from './queued-record.ts';
import { openSharedStores } from './shared-store.ts';

const gone = { code: 'run-taken' };

async function acceptRun(store: SharedRunStore, record = createQueued()): Promise<RunRecord> {
  const accepted = await store.accept(record, null, noLimits);
  if (accepted.kind !== 'accepted') throw new Error('It was a replay.');
  return accepted.record;
}

async function claimRun(store: SharedRunStore, id: string, token = 'a', leaseMs = 30_000) {
  const claimed = await store.claim(id, createClaimer(token, { leaseMs }));
  if (claimed.kind !== 'claimed') throw new Error(`It is ${claimed.kind}.`);
  return claimed;
}

/** Begins, then ends a run, as its worker does. */
async function finishRun(store: SharedRunStore, record: RunRecord, fence: RunFence) {
  const run = new LiveRun(record, 1000);
  run.begin();
  await store.write(batchOf({ runs: [run.toRecord()] }), [fence]);
  const entry = run.finish('failed', { type: 'E', message: 'm', node: null });
  const last = batchOf({ runs: [run.toRecord()], entries: [{ runId: run.id, entry }] });
  await store.write(last, [fence]);
  return last;
}

describe.skipIf(inject('redisMissing') !== null)('runs in Redis, shared', () => {
  describe('accepting', () => {
    test('writes the run, its key and the first entry of its log', async () => {
      const [one, other] = await openSharedStores();
      const record = createQueued({ labels: { a: 'b' } });
      const key = {
        key: 'k',
        fingerprint: 'f',
        runId: record.id,
        expiresAtMs: Date.now() + 60_000,
      };
      const accepted = await one.accept(record, key, noLimits);
      expect(accepted).toMatchObject({ kind: 'accepted', hasTurn: true, displaced: [] });
      const written = { ...record, lastEventId: 1 };
      expect(await other.get(record.id)).toEqual(written);
      expect(await other.list(queryOf({ labels: { a: 'b' } }))).toEqual([written]);
      expect(await other.entries(record.id, 0, 9)).toMatchObject([
        { id: 1, event: { type: 'run.queued' } },
      ]);
      expect(await other.accept(createQueued(), key, noLimits)).toEqual({
        kind: 'replay',
        owner: key,
      });
      expect(await other.list(queryOf({ statuses: ['queued'] }))).toHaveLength(1);
      expect(await other.list(queryOf({ statuses: ['running'] }))).toHaveLength(0);
    });

    test('of one key by many servers at once gives one run', async () => {
      const stores = await openSharedStores();
      const expiresAtMs = Date.now() + 60_000;
      for (let round = 0; round < 20; round += 1) {
        const outcomes = await Promise.all(
          stores.map((store) => {
            const record = createQueued();
            const key = { key: `k${round}`, fingerprint: 'f', runId: record.id, expiresAtMs };
            return store.accept(record, key, noLimits);
          }),
        );
        const accepted = outcomes.filter(({ kind }) => kind === 'accepted');
        expect(accepted).toHaveLength(1);
        const [first] = accepted;
        const id = first?.kind === 'accepted' ? first.record.id : '';
        const others = outcomes.filter((outcome) => outcome.kind === 'replay');
        expect(others.map(({ owner }) => owner.runId)).toEqual([id, id, id]);
      }
      expect(await stores[0].list(queryOf())).toHaveLength(20);
    });

    test('again, because no answer came, is the same', async () => {
      const [store] = await openSharedStores();
      const record = createQueued();
      const key = { key: 'k', fingerprint: '', runId: record.id, expiresAtMs: Date.now() + 60_000 };
      await store.accept(record, key, noLimits);
      expect(await store.accept(record, key, { ...noLimits, maxQueued: 1 })).toMatchObject({
        kind: 'accepted',
        hasTurn: true,
      });
      expect(await store.entries(record.id, 0, 9)).toHaveLength(1);
    });

    test('takes a key that has expired', async () => {
      const [store] = await openSharedStores();
      const old = { key: 'k', fingerprint: '', runId: 'old', expiresAtMs: Date.now() - 1 };
      await store.write(batchOf({ keys: [old] }));
      const record = createQueued();
      const key = { ...old, runId: record.id, expiresAtMs: Date.now() + 60_000 };
      expect(await store.accept(record, key, noLimits)).toMatchObject({ kind: 'accepted' });
      expect(await store.findKey('k', Date.now())).toEqual(key);
    });

    test('stops at the bounds, however many servers accept at once', async () => {
      const stores = await openSharedStores();
      const accept = (owner: string, limits: Partial<typeof noLimits>) =>
        Promise.allSettled(
          stores.flatMap((store) =>
            [1, 2, 3].map(() =>
              store.accept(createQueued({ owner }), null, { ...noLimits, ...limits }),
            ),
          ),
        );
      const refused = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] =>
        outcomes.flatMap((outcome) =>
          outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
        );
      const quota = refused(await accept('a', { maxOpen: 5 }));
      expect(quota).toHaveLength(7);
      expect(quota[0]).toBeInstanceOf(RunRefused);
      expect(quota[0]).toMatchObject({ code: 'quota-full', retryAfterS: 1 });
      const full = refused(await accept('b', { maxQueued: 9 }));
      expect(full).toHaveLength(8);
      expect(full[0]).toMatchObject({ code: 'queue-full', retryAfterS: 1 });
      expect(await stores[0].list(queryOf({ statuses: ['queued'] }))).toHaveLength(9);
      const [run] = await stores[0].list(queryOf({ owner: 'a', limit: 1 }));
      await stores[1].requestStop(run?.id ?? '', { kind: 'cancelled', reason: 'r' });
      expect(refused(await accept('a', { maxOpen: 5 }))).toHaveLength(11);
    });
  });

  describe('a concurrency key', () => {
    const keyed = (
      limit: number,
      onConflict: 'queue' | 'reject' | 'cancel_running',
      priority = 0,
    ) => createQueued({ concurrency: { key: 'k', limit, onConflict }, priority, owner: 'o' });

    test('lets so many have their turn, and the next when one of them ends', async () => {
      const [one, store] = await openSharedStores({ acceptHoldMs: 0 });
      const accepted = [];
      for (const priority of [0, 0, 0, 9]) {
        accepted.push(await one.accept(keyed(2, 'queue', priority), null, noLimits));
      }
      expect(accepted.map((each) => each.kind === 'accepted' && each.hasTurn)).toEqual([
        true,
        true,
        false,
        false,
      ]);
      const other = await one.accept(
        createQueued({ concurrency: { key: 'k', limit: 1, onConflict: 'queue' }, owner: 'p' }),
        null,
        noLimits,
      );
      expect(other).toMatchObject({ hasTurn: true });
      const [first, second, third, fourth] = (await store.list(queryOf({ owner: 'o' })))
        .toReversed()
        .map(({ id }) => id);
      const taken = await store.takeTurns({ limit: 9, holdMs: 60_000 });
      expect(taken.map(({ id }) => id)).toEqual(expect.arrayContaining([first, second]));
      expect(taken).toHaveLength(3);
      await store.markQueued(taken.map(({ id }) => id));
      let turns = 0;
      store.watchTurns(() => {
        turns += 1;
      });
      await eventually(() => expect(turns).toBe(1));
      const { fence, record } = await claimRun(one, first ?? '');
      await finishRun(one, record, fence);
      await eventually(() => expect(turns).toBe(2));
      const next = await store.takeTurns({ limit: 9, holdMs: 60_000 });
      expect(next.map(({ id }) => id)).toEqual([fourth]);
      expect(await one.takeTurns({ limit: 9, holdMs: 60_000 })).toEqual([]);
      await store.requestStop(second ?? '', { kind: 'cancelled', reason: 'r' });
      const last = await one.takeTurns({ limit: 9, holdMs: 60_000 });
      expect(last.map(({ id }) => id)).toEqual([third]);
    });

    test('keeps a run from workers until it has its turn', async () => {
      const [store] = await openSharedStores({ acceptHoldMs: 0 });
      const [first, second] = [keyed(1, 'queue'), keyed(1, 'queue')];
      await store.accept(first, null, noLimits);
      await store.accept(second, null, noLimits);
      const readyIds = async () => (await store.ready(9)).runs.map(({ id }) => id);
      expect(await store.claim(second.id, createClaimer('b'))).toEqual({ kind: 'waiting' });
      expect(await readyIds()).toEqual([first.id]);
      const { fence, record } = await claimRun(store, first.id);
      expect(await readyIds()).toEqual([]);
      await store.release(fence);
      expect(await readyIds()).toEqual([first.id]);
      const again = await claimRun(store, first.id, 'c');
      await finishRun(store, record, again.fence);
      expect(await store.ready(0)).toEqual({ count: 1, runs: [] });
      expect(await readyIds()).toEqual([second.id]);
      await claimRun(store, second.id, 'd');
      expect(await store.ready(9)).toEqual({ count: 0, runs: [] });
    });

    test('refuses, and names those in the way', async () => {
      const [store] = await openSharedStores();
      const run = keyed(1, 'queue');
      await store.accept(run, null, noLimits);
      await expect(store.accept(keyed(1, 'reject'), null, noLimits)).rejects.toMatchObject({
        code: 'concurrency-conflict',
        runIds: [run.id],
      });
      await expect(store.accept(keyed(2, 'reject'), null, noLimits)).resolves.toBeDefined();
    });

    test('asks those in the way to stop', async () => {
      const [store] = await openSharedStores();
      const [running, queued] = [keyed(2, 'queue'), keyed(2, 'queue')];
      await store.accept(running, null, noLimits);
      await store.accept(queued, null, noLimits);
      const { fence } = await claimRun(store, running.id);
      const next = keyed(1, 'cancel_running');
      const accepted = await store.accept(next, null, noLimits);
      expect(accepted).toMatchObject({ kind: 'accepted', hasTurn: false });
      const displaced = accepted.kind === 'accepted' ? accepted.displaced : [];
      expect(displaced.toSorted()).toEqual([running.id, queued.id].toSorted());
      const wish = { kind: 'cancelled', reason: `Run ${next.id} took the place of this one.` };
      expect(await store.renew(fence, 1000)).toEqual(wish);
      // Nobody has it: a worker that takes it is told, and who asks once more ends it.
      expect((await claimRun(store, queued.id)).stopWish).toEqual(wish);
    });
  });

  describe('a claim', () => {
    test('by many at once is given to one', async () => {
      const stores = await openSharedStores();
      for (let round = 0; round < 20; round += 1) {
        const { id } = await acceptRun(stores[0]);
        const outcomes = await Promise.all(
          stores.map((store, index) => store.claim(id, createClaimer(`${index}`))),
        );
        const kinds = outcomes.map(({ kind }) => kind).toSorted();
        expect(kinds).toEqual(['claimed', 'held', 'held', 'held']);
      }
    });

    test('has the record with its data, and counts up', async () => {
      const [store] = await openSharedStores();
      const { order } = createQueued().submission;
      const accepted = await acceptRun(
        store,
        createQueued({ order: { ...order, inputsJson: '{}' } }),
      );
      const first = await claimRun(store, accepted.id);
      expect(first).toMatchObject({ record: accepted, stopWish: null, fence: { fence: 1 } });
      expect(await claimRun(store, accepted.id)).toEqual(first);
      expect(await store.claim(accepted.id, createClaimer('b'))).toMatchObject({
        kind: 'held',
        worker: 'worker of a',
        leaseLeftMs: expect.toSatisfy((leftMs: number) => leftMs > 0 && leftMs <= 30_000),
      });
      await store.release(first.fence);
      expect(await claimRun(store, accepted.id, 'b')).toMatchObject({ fence: { fence: 2 } });
      expect(await store.claim('unknown', createClaimer('b'))).toEqual({ kind: 'unknown' });
    });

    test('whose lease is over is found, and passes to who claims next', async () => {
      const [store] = await openSharedStores();
      const { id } = await acceptRun(store);
      const late = await claimRun(store, id, 'a', 1);
      await eventually(async () => {
        expect(await store.abandoned(9)).toMatchObject([{ runId: id, worker: 'worker of a' }]);
      });
      // Nobody else has it yet.
      await store.renew(late.fence, 1);
      await eventually(async () => expect(await store.abandoned(9)).toHaveLength(1));
      const next = await claimRun(store, id, 'b');
      expect(next.fence.fence).toBe(2);
      expect(await store.abandoned(9)).toEqual([]);
      await expect(store.renew(late.fence, 1000)).rejects.toMatchObject(gone);
      const running = { ...late.record, status: 'running' as const };
      await expect(store.write(batchOf({ runs: [running] }), [late.fence])).rejects.toMatchObject({
        ...gone,
        message: expect.stringContaining(`worker 'worker of b' has claimed it`),
      });
      await store.release(late.fence);
      expect(await store.claim(id, createClaimer('c'))).toMatchObject({ kind: 'held' });
      await finishRun(store, next.record, next.fence);
      expect(await store.claim(id, createClaimer('c'))).toMatchObject({
        kind: 'ended',
        record: { status: 'failed' },
      });
    });
  });

  describe('a write with a fence', () => {
    test('may be repeated, with more', async () => {
      const [store] = await openSharedStores();
      const { id } = await acceptRun(store);
      const { fence, record } = await claimRun(store, id);
      const run = new LiveRun(record, 1000);
      run.begin();
      const entries = [run.append({ type: 'run.queued' })].map((entry) => ({ runId: id, entry }));
      await store.write(batchOf({ runs: [run.toRecord()], entries }), [fence]);
      entries.push({ runId: id, entry: run.append({ type: 'run.queued' }) });
      await store.write(batchOf({ runs: [run.toRecord()], entries }), [fence]);
      expect(await store.entries(id, 1, 9)).toEqual(entries.map(({ entry }) => entry));
      const other = entries.map(({ entry }) => ({ runId: id, entry: { ...entry, atMs: 1 } }));
      await expect(store.write(batchOf({ entries: other }), [fence])).rejects.toThrow(
        `Entry 2 of run ${id} cannot be written: the last one that is there is 3.`,
      );
    });

    test('never changes a run that is over', async () => {
      const [store] = await openSharedStores();
      const { id } = await acceptRun(store);
      const { fence, record } = await claimRun(store, id);
      const last = await finishRun(store, record, fence);
      const ended = await store.get(id);
      await store.write(batchOf({ callbacks: [{ runId: id, attempts: 1, dueAtMs: null }] }));
      const callbacks = [{ runId: id, attempts: 0, dueAtMs: 5 }];
      await store.write({ ...last, callbacks }, [fence]);
      expect(await store.owedCallbacks()).toEqual([]);
      const entry = { id: 3, atMs: 1, event: { type: 'run.queued' as const } };
      for (const fences of [[fence], []]) {
        const changed = batchOf({ runs: [{ ...record, status: 'succeeded' }] });
        await expect(store.write(changed, fences)).rejects.toMatchObject(gone);
        const longer = batchOf({ entries: [{ runId: id, entry }] });
        await expect(store.write(longer, fences)).rejects.toMatchObject(gone);
      }
      expect(await store.get(id)).toEqual(ended);
      expect(await store.entries(id, 0, 9)).toHaveLength(2);
    });

    test('is for runs that have their fence only, and that are kept', async () => {
      const [store] = await openSharedStores();
      const [one, other] = [await acceptRun(store), await acceptRun(store)];
      const { fence } = await claimRun(store, one.id);
      const both = batchOf({ runs: [one, other] });
      await expect(store.write(both, [fence])).rejects.toThrow(
        `Run ${other.id} is written without its fence`,
      );
      const unknown = createQueued();
      await expect(
        store.write(batchOf({ runs: [unknown] }), [{ runId: unknown.id, fence: 1 }]),
      ).rejects.toMatchObject(gone);
      expect(await store.get(unknown.id)).toBeNull();
    });
  });

  describe('a stop', () => {
    const wish = { kind: 'cancelled', reason: 'Enough.' } as const;

    test('ends a run that nobody has, in one step', async () => {
      const [store] = await openSharedStores();
      const callback = { url: 'https://example.com', secret: null };
      const { id } = await acceptRun(store, createQueued({ callback, owner: 'a' }));
      expect(await store.requestStop(id, wish)).toBe('cancelled');
      expect(await store.get(id)).toMatchObject({
        status: 'cancelled',
        error: { type: 'RunCancelled', message: 'Enough.' },
        lastEventId: 3,
      });
      const events = (await store.entries(id, 0, 9)).map(({ event }) => event.type);
      expect(events).toEqual(['run.queued', 'run.cancelling', 'run.ended']);
      expect(await store.takeCallbacks({ limit: 9, holdMs: 60_000 })).toMatchObject([
        { runId: id, attempts: 0 },
      ]);
      expect(await store.takeCallbacks({ limit: 9, holdMs: 60_000 })).toEqual([]);
      expect(await store.takeTurns({ limit: 9, holdMs: 0 })).toEqual([]);
      expect(await store.requestStop(id, wish)).toBe('ended');
      expect(await store.requestStop('unknown', wish)).toBe('unknown');
      await expect(
        store.accept(createQueued({ owner: 'a' }), null, { ...noLimits, maxOpen: 1 }),
      ).resolves.toMatchObject({ kind: 'accepted' });
    });

    test('of a run that somebody has is a wish, and the first one counts', async () => {
      const [store] = await openSharedStores();
      const { id } = await acceptRun(store);
      const { fence } = await claimRun(store, id);
      expect(await store.stopWish(id)).toBeNull();
      expect(await store.renew(fence, 1000)).toBeNull();
      expect(await store.requestStop(id, wish)).toBe('stopping');
      expect(await store.requestStop(id, { ...wish, reason: 'Later.' })).toBe('stopping');
      expect(await store.stopWish(id)).toEqual(wish);
      expect(await store.renew(fence, 1000)).toEqual(wish);
      await store.release(fence);
      expect(await store.requestStop(id, { ...wish, reason: 'Later.' })).toBe('cancelled');
      expect((await store.get(id))?.error?.message).toBe('Enough.');
      await expect(store.renew(fence, 1000)).rejects.toMatchObject(gone);
    });

    test('and a claim at once: one of them wins', async () => {
      const [one, two, three] = await openSharedStores();
      const outcomes = new Set<string>();
      for (let round = 0; round < 60; round += 1) {
        const { id } = await acceptRun(one);
        const claim = () => two.claim(id, createClaimer('a'));
        const stop = () => three.requestStop(id, wish);
        const [claimed, stopped] =
          round % 2 === 0
            ? await Promise.all([claim(), stop()])
            : await Promise.all([stop(), claim()]).then(
                ([second, first]) => [first, second] as const,
              );
        outcomes.add(`${claimed.kind} ${stopped}`);
        const status = (await one.get(id))?.status;
        expect(status).toBe(claimed.kind === 'claimed' ? 'queued' : 'cancelled');
      }
      const possible = ['claimed stopping', 'ended cancelled'];
      expect(possible).toEqual(expect.arrayContaining([...outcomes]));
    });
  });

  test('a long log loses its oldest entries, and goes on', async () => {
    const [store] = await openSharedStores({ maxEntries: 300 });
    const run = createQueued();
    await store.accept(run, null, noLimits);
    const { fence } = await claimRun(store, run.id);
    const entries = Array.from({ length: 999 }, (_, index) => ({
      runId: run.id,
      entry: createEntry(index + 2, index % 100 === 0 ? { type: 'run.queued' } : undefined),
    }));
    await store.write(batchOf({ entries: entries.slice(0, 500) }), [fence]);
    await store.write(batchOf({ entries: entries.slice(500) }), [fence]);
    // Also of what is there no more it is known that it was.
    await store.write(batchOf({ entries: entries.slice(0, 500) }), [fence]);
    const idsOf = async (...asked: Parameters<SharedRunStore['entries']>) =>
      (await store.entries(...asked)).map(({ id }) => id);
    expect(await idsOf(run.id, 0, 2)).toEqual([701, 702]);
    expect(await idsOf(run.id, 998, 9)).toEqual([999, 1000]);
    expect(await idsOf(run.id, 0, 9, 'run.queued')).toEqual([702, 802, 902]);
    expect(await store.entries(run.id, 0, Infinity)).toHaveLength(300);
  });

  test('versions count up, whoever asks', async () => {
    const stores = await openSharedStores();
    const versions: string[] = [];
    for (let round = 0; round < 25; round += 1) {
      versions.push(...(await Promise.all(stores.map((store) => store.nextSaveVersion()))));
    }
    expect(new Set(versions).size).toBe(100);
    const rounds = Array.from({ length: 25 }, (_, round) =>
      versions.slice(round * 4, round * 4 + 4),
    );
    expect(rounds.flatMap((round) => round.toSorted())).toEqual(versions.toSorted());
    expect(versions[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z$/u);
  });
});
