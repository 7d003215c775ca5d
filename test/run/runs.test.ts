import { describe, expect, onTestFinished, test } from 'vitest';

import { KedroServerError } from '../../src/errors.ts';
import type { RunLogEntry } from '../../src/run/run-log-entry.ts';
import { createRunRecord } from '../../src/run/create-run-record.ts';
import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import { createRuns, type Runs, type RunsOptions } from '../../src/run/runs.ts';
import { createMemoryExecutor, type MemoryRun } from '../http/memory-executor.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { runIdAt, withStatus } from '../conformance/run-records.ts';
import { createSubmission } from './submission.ts';
import { eventually } from '../eventually.ts';

interface Started {
  readonly runs: Runs;
  readonly store: RunStore;
  readonly executor: ReturnType<typeof createMemoryExecutor>;
  /** Lets the runs that are in the executor end, and those that come. */
  openGate(): void;
}

function start(options: Partial<RunsOptions> = {}, run: MemoryRun = {}): Started {
  const gate = Promise.withResolvers<void>();
  const executor = createMemoryExecutor({ run: () => ({ mayEnd: gate.promise, ...run }) });
  const store = options.store ?? createMemoryRunStore();
  const runs = createRuns({ executor, store, ...options });
  const openGate = (): void => gate.resolve();
  onTestFinished(async () => {
    openGate();
    await runs.close();
  });
  return { runs, store, executor, openGate };
}

async function submit(runs: Runs, wanted?: Parameters<typeof createSubmission>[0]) {
  return (await runs.submit(createSubmission(wanted))).record;
}

async function readAll(runs: Runs, id: string, afterId = 0): Promise<RunLogEntry[]> {
  const entries: RunLogEntry[] = [];
  for await (const batch of runs.read(id, { afterId })) entries.push(...batch);
  return entries;
}

function typesOf(entries: readonly RunLogEntry[]): string[] {
  return entries.map(({ event }) => event.type);
}

describe('the life of a run', () => {
  test('goes from queued to its end, all of it in one log', async () => {
    const { runs, executor, openGate } = start();
    const queued = await submit(runs, { labels: { team: 'a' } });
    expect(queued).toMatchObject({ status: 'queued', lastEventId: 1, startedAtMs: null });
    await eventually(async () => {
      expect(await runs.get(queued.id)).toMatchObject({ status: 'running' });
    });
    openGate();
    const ended = await runs.waitForEnd(queued.id);
    expect(ended).toMatchObject({
      id: queued.id,
      status: 'succeeded',
      durationMs: 12.345,
      error: null,
      lastEventId: 3,
      submission: { labels: { team: 'a' } },
    });
    expect(executor.orders.map(({ runId }) => runId)).toEqual([queued.saveVersion]);
    const entries = await readAll(runs, queued.id);
    expect(typesOf(entries)).toEqual(['run.queued', 'run.started', 'run.ended']);
    expect(entries.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test('failed tells why', async () => {
    const { runs, openGate } = start({}, { error: { type: 'ValueError', message: 'no' } });
    openGate();
    expect(await runs.waitForEnd((await submit(runs)).id)).toMatchObject({
      status: 'failed',
      error: { type: 'ValueError', message: 'no', node: null },
    });
  });

  test('whose project cannot be opened has failed, and has a log', async () => {
    const openProject = () => Promise.reject(new TypeError('no such project'));
    const { runs } = start({ openProject });
    const { id } = await submit(runs);
    expect(await runs.waitForEnd(id)).toMatchObject({
      status: 'failed',
      error: { type: 'TypeError', message: 'no such project' },
      startedAtMs: null,
    });
    expect(typesOf(await readAll(runs, id))).toEqual(['run.queued', 'run.ended']);
  });

  test('ids are sorted by time and unlike the versions', async () => {
    const { runs } = start();
    const records = await Promise.all(Array.from({ length: 50 }, () => submit(runs)));
    const ids = records.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(records.map(({ saveVersion }) => saveVersion)).size).toBe(50);
  });
});

describe('a run that is to stop', () => {
  test('and waits never starts', async () => {
    const { runs, executor, openGate } = start();
    const first = await Promise.all(Array.from({ length: runs.capacity }, () => submit(runs)));
    const { id } = await submit(runs);
    expect(runs.placeOf(id)).toEqual({ position: 1, waitsFor: null, datasets: [] });
    expect(await runs.cancel(id, 'Not wanted.')).toBe('cancelling');
    expect(await runs.waitForEnd(id)).toMatchObject({
      status: 'cancelled',
      error: { type: 'RunCancelled', message: 'Not wanted.' },
    });
    expect(typesOf(await readAll(runs, id))).toEqual(['run.queued', 'run.cancelling', 'run.ended']);
    openGate();
    await Promise.all(first.map((run) => runs.waitForEnd(run.id)));
    expect(executor.orders).toHaveLength(runs.capacity);
  });

  test('and runs is cancelling, then cancelled; asking again is the same', async () => {
    const { runs } = start();
    const { id } = await submit(runs);
    await eventually(async () => expect((await runs.get(id))?.status).toBe('running'));
    expect(await runs.cancel(id, 'Enough.')).toBe('cancelling');
    await runs.cancel(id, 'More than enough.');
    expect(await runs.waitForEnd(id)).toMatchObject({
      status: 'cancelled',
      error: { type: 'RunCancelled', message: 'Enough.' },
    });
    expect(typesOf(await readAll(runs, id)).filter((type) => type === 'run.cancelling')).toEqual([
      'run.cancelling',
    ]);
    expect(await runs.cancel(id, 'Again.')).toBe('ended');
    expect(await runs.cancel('nobody', 'Again.')).toBe('unknown');
  });

  test('for its time says so', async () => {
    const { runs } = start();
    const { id } = await submit(runs, { timeoutMs: 20 });
    expect(await runs.waitForEnd(id)).toMatchObject({
      status: 'timed_out',
      error: { type: 'RunTimedOut', message: expect.stringContaining('20 ms') },
    });
  });

  test('when its caller leaves before it has begun is cancelled, later it goes on', async () => {
    const { runs, openGate } = start();
    const first = await Promise.all(Array.from({ length: runs.capacity }, () => submit(runs)));
    const client = new AbortController();
    const options = { withdrawn: client.signal };
    const { record } = await runs.submit(createSubmission({ isAttended: true }), options);
    client.abort();
    expect(await runs.waitForEnd(record.id)).toMatchObject({ status: 'cancelled' });
    const [begun] = first;
    openGate();
    expect(await runs.waitForEnd(begun?.id ?? '')).toMatchObject({ status: 'succeeded' });
  });
});

describe('admission', () => {
  test('takes the greater priority first, and equals in their order', async () => {
    const { runs, executor, openGate } = start();
    await Promise.all(Array.from({ length: runs.capacity }, () => submit(runs)));
    const [low, high, same] = [
      await submit(runs, { priority: -1 }),
      await submit(runs, { priority: 5 }),
      await submit(runs, { priority: 5 }),
    ];
    expect([low, high, same].map(({ id }) => runs.placeOf(id)?.position)).toEqual([3, 1, 2]);
    openGate();
    await runs.waitForEnd(low.id);
    expect(executor.orders.slice(-3).map(({ runId }) => runId)).toEqual(
      [high, same, low].map(({ saveVersion }) => saveVersion),
    );
  });

  test('refuses what is too much, those who wait for the end earlier', async () => {
    const { runs } = start({ maxWaiting: 4 });
    await Promise.all(Array.from({ length: runs.capacity + 3 }, () => submit(runs)));
    const refused = { code: 'queue-full', retryAfterS: expect.any(Number) };
    await expect(submit(runs, { isAttended: true })).rejects.toMatchObject(refused);
    await submit(runs);
    await expect(submit(runs)).rejects.toMatchObject(refused);
    expect(runs.load).toEqual({ running: runs.capacity, waiting: 4, maxWaiting: 4 });
  });

  test('lets runs with one key wait for each other, and no others for them', async () => {
    const { runs } = start();
    const concurrency = { key: 'k', limit: 1, onConflict: 'queue' as const };
    const first = await submit(runs, { concurrency });
    const second = await submit(runs, { concurrency });
    const other = await submit(runs);
    expect(runs.placeOf(second.id)).toEqual({
      position: 1,
      waitsFor: [first.id],
      datasets: [],
    });
    expect(runs.placeOf(other.id)).toBeNull();
  });

  test('refuses a run in conflict, or cancels those in its way, as it asks', async () => {
    const { runs } = start();
    const concurrency = { key: 'k', limit: 1 };
    const first = await submit(runs, { concurrency: { ...concurrency, onConflict: 'queue' } });
    const rejected = submit(runs, { concurrency: { ...concurrency, onConflict: 'reject' } });
    await expect(rejected).rejects.toMatchObject({
      code: 'concurrency-conflict',
      runIds: [first.id],
    });
    const last = await submit(runs, {
      concurrency: { ...concurrency, onConflict: 'cancel_running' },
    });
    expect(await runs.waitForEnd(first.id)).toMatchObject({
      status: 'cancelled',
      error: { message: expect.stringContaining(last.id) },
    });
    await eventually(async () => expect((await runs.get(last.id))?.status).toBe('running'));
  });

  test('of two that come together and would be rejected only one is let in', async () => {
    const { runs } = start();
    const concurrency = { key: 'k', limit: 1, onConflict: 'reject' as const };
    const both = await Promise.allSettled([
      submit(runs, { concurrency }),
      submit(runs, { concurrency }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('an idempotency key', () => {
  const key = { key: 'order-17', fingerprint: 'a' };

  test('is one run, however often it is sent', async () => {
    const { runs, executor, openGate } = start();
    const first = await runs.submit(createSubmission(), { key });
    const second = await runs.submit(createSubmission(), { key });
    expect([first.isReplay, second.isReplay]).toEqual([false, true]);
    expect(second.record.id).toBe(first.record.id);
    openGate();
    await runs.waitForEnd(first.record.id);
    expect(executor.orders).toHaveLength(1);
  });

  test('of another request is refused, and so is one that is being accepted', async () => {
    const { runs } = start();
    const pending = await Promise.allSettled([
      runs.submit(createSubmission(), { key }),
      runs.submit(createSubmission(), { key }),
    ]);
    expect(pending[1]).toMatchObject({ status: 'rejected', reason: { code: 'key-pending' } });
    await expect(
      runs.submit(createSubmission(), { key: { ...key, fingerprint: 'b' } }),
    ).rejects.toMatchObject({ code: 'key-conflict' });
  });

  test('is free when its run was not accepted, and no replay is refused for the queue', async () => {
    const { runs } = start({ maxWaiting: 0 });
    const [first] = await Promise.all(
      Array.from({ length: runs.capacity }, (_, index) =>
        runs.submit(createSubmission(), { key: { key: `k${index}`, fingerprint: 'a' } }),
      ),
    );
    await expect(runs.submit(createSubmission(), { key })).rejects.toMatchObject({
      code: 'queue-full',
    });
    const replay = await runs.submit(createSubmission(), {
      key: { key: 'k0', fingerprint: 'a' },
    });
    expect(replay).toMatchObject({ isReplay: true, record: { id: first?.record.id } });
  });
});

test('an idempotency key of a run that is not kept any more starts no second one', async () => {
  const store = createMemoryRunStore({ maxRuns: 1 });
  const { runs, executor, openGate } = start({ store });
  openGate();
  const key = { key: 'order-17', fingerprint: 'a' };
  const { record } = await runs.submit(createSubmission(), { key });
  await runs.waitForEnd(record.id);
  for (let count = 0; count < 2; count += 1) await runs.waitForEnd((await submit(runs)).id);
  expect(await runs.get(record.id)).toBeNull();
  await expect(runs.submit(createSubmission(), { key })).rejects.toMatchObject({
    code: 'key-conflict',
    runIds: [record.id],
  });
  expect(executor.orders).toHaveLength(3);
});

describe('reading a log', () => {
  test('begins where the reader left off, live and afterwards', async () => {
    const { runs, openGate } = start();
    const { id } = await submit(runs);
    const live = readAll(runs, id);
    await eventually(async () => expect((await runs.get(id))?.status).toBe('running'));
    openGate();
    expect(typesOf(await live)).toEqual(['run.queued', 'run.started', 'run.ended']);
    expect(typesOf(await readAll(runs, id, 1))).toEqual(['run.started', 'run.ended']);
    expect(await readAll(runs, id, 3)).toEqual([]);
    expect(await readAll(runs, 'nobody')).toEqual([]);
  });

  test('gives empty batches in silence, and ends when the reader leaves', async () => {
    const { runs } = start();
    const { id } = await submit(runs);
    const reader = new AbortController();
    const sizes: number[] = [];
    for await (const batch of runs.read(id, { afterId: 2, idleMs: 5, signal: reader.signal })) {
      sizes.push(batch.length);
      if (sizes.length === 3) reader.abort();
    }
    expect(sizes).toEqual([0, 0, 0]);
  });

  test('of what is not written shows nothing', async () => {
    const memory = createMemoryRunStore();
    const failing: RunStore = {
      ...memory,
      write: (batch) =>
        batch.entries.some(({ entry }) => entry.event.type === 'run.ended')
          ? Promise.reject(new KedroServerError('store-unusable', 'The disk is full.'))
          : memory.write(batch),
    };
    const { runs, openGate } = start({ store: failing });
    const { id } = await submit(runs);
    const waiting = runs.waitForEnd(id);
    openGate();
    await expect(waiting).rejects.toMatchObject({ code: 'store-unusable' });
    expect((await runs.get(id))?.status).not.toBe('succeeded');
  });
});

test('an end that could be written only later is told to its callback', async () => {
  const memory = createMemoryRunStore();
  let isFull = false;
  const store: RunStore = {
    ...memory,
    write: (batch) =>
      isFull
        ? Promise.reject(new KedroServerError('store-unusable', 'The disk is full.'))
        : memory.write(batch),
  };
  const told: string[] = [];
  const callbacks = {
    toData: () => ({}),
    post: async ({ url }: { readonly url: string }) => {
      told.push(url);
      return 200;
    },
  };
  const { runs, openGate } = start({ store, callbacks });
  const callback = { url: 'https://example.org/hook', secret: null };
  const { id } = await submit(runs, { callback });
  await eventually(async () => expect((await runs.get(id))?.status).toBe('running'));
  isFull = true;
  openGate();
  await expect(runs.waitForEnd(id)).rejects.toMatchObject({ code: 'store-unusable' });
  expect(told).toEqual([]);
  isFull = false;
  await eventually(() => expect(told).toEqual([callback.url]));
  expect(await runs.get(id)).toMatchObject({ status: 'succeeded' });
});

describe('the server', () => {
  test('refuses what its store cannot write, and keeps nothing of it', async () => {
    const memory = createMemoryRunStore();
    const error = new KedroServerError('store-unusable', 'The disk is full.');
    const { runs, executor } = start({
      store: { ...memory, write: () => Promise.reject(error) },
    });
    await expect(submit(runs)).rejects.toBe(error);
    expect(runs.load).toMatchObject({ running: 0, waiting: 0 });
    expect(executor.orders).toEqual([]);
  });

  test('gives ids and save versions in the order of runs, also when the clock was set back before it began', async () => {
    const store: RunStore = { ...createMemoryRunStore(), close: () => Promise.resolve() };
    const left = createRunRecord(createSubmission(), '2036-03-01T12.00.00.000Z');
    const ahead = { ...left, id: runIdAt(Date.UTC(2036, 2, 1, 12), 1) };
    const ended = withStatus(ahead, 'succeeded', Date.now());
    await store.write({ runs: [ended], keys: [], entries: [], outputs: [], callbacks: [] });
    const made: { readonly id: string; readonly saveVersion: string }[] = [ahead];
    for (let lives = 0; lives < 2; lives += 1) {
      const { runs, openGate } = start({ store });
      made.push(await submit(runs), await submit(runs));
      openGate();
      await runs.close();
    }
    for (const values of [made.map(({ id }) => id), made.map(({ saveVersion }) => saveVersion)]) {
      expect(new Set(values).size).toBe(made.length);
      expect(values).toEqual(values.toSorted());
    }
  });

  test('takes up what an earlier one left', async () => {
    const memory = createMemoryRunStore();
    const earlier = start({ store: memory });
    const running = await Promise.all(
      Array.from({ length: earlier.runs.capacity }, () => submit(earlier.runs)),
    );
    await eventually(async () => {
      const records = await Promise.all(running.map(({ id }) => memory.get(id)));
      expect(records.every((record) => record?.status === 'running')).toBe(true);
    });
    const waiting = await submit(earlier.runs, { order: createRunOrder({ tags: ['late'] }) });
    const attended = await submit(earlier.runs, { isAttended: true });

    const copy = createMemoryRunStore();
    const left = await memory.unfinished();
    await copy.write({
      runs: left,
      keys: [],
      entries: (
        await Promise.all(
          left.map(async ({ id }) =>
            (await memory.entries(id, 0, 100)).map((entry) => ({ runId: id, entry })),
          ),
        )
      ).flat(),
      outputs: [],
    });
    const { runs, executor, openGate } = start({ store: copy });
    openGate();
    await runs.open();
    expect(await runs.waitForEnd(waiting.id)).toMatchObject({ status: 'succeeded' });
    expect(executor.orders.map(({ tags }) => tags)).toEqual([['late']]);
    for (const { id } of running) {
      expect(await runs.get(id)).toMatchObject({
        status: 'lost',
        startedAtMs: expect.any(Number),
        error: { type: 'RunLost' },
      });
      const entries = await readAll(runs, id);
      expect(typesOf(entries)).toEqual(['run.queued', 'run.started', 'run.ended']);
      expect(entries.map((entry) => entry.id)).toEqual([1, 2, 3]);
    }
    expect(await runs.get(attended.id)).toMatchObject({ status: 'cancelled' });
  });

  test('that closes lets runs end, cancels those that wait, and refuses more', async () => {
    const { runs, openGate } = start({ stopGraceMs: 50 });
    const running = await submit(runs);
    const others = await Promise.all(Array.from({ length: 8 }, () => submit(runs)));
    await eventually(async () => expect((await runs.get(running.id))?.status).toBe('running'));
    const ends = [running, ...others].map(({ id }) => runs.waitForEnd(id));
    const closing = runs.close();
    await expect(submit(runs)).rejects.toMatchObject({ code: 'executor-closed' });
    const waiting = await Promise.all(ends.slice(runs.capacity));
    expect(new Set(waiting.map((record) => record?.status))).toEqual(new Set(['cancelled']));
    openGate();
    await closing;
    const ended = await Promise.all(ends.slice(0, runs.capacity));
    expect(new Set(ended.map((record) => record?.status))).toEqual(new Set(['succeeded']));
  });

  test('takes up a run whose caller was told of it and waited no more', async () => {
    const store = createMemoryRunStore();
    const earlier = start({ store });
    await Promise.all(Array.from({ length: earlier.runs.capacity }, () => submit(earlier.runs)));
    const { id } = await submit(earlier.runs, { isAttended: true });
    expect(await store.get(id)).toMatchObject({ status: 'queued', isAttended: true });
    await earlier.runs.leaveAlone(id);
    expect(await store.get(id)).toMatchObject({ status: 'queued', isAttended: false });
    const copy = createMemoryRunStore();
    const runs = [await store.get(id)].filter((record) => record !== null);
    const entries = (await store.entries(id, 0, 10)).map((entry) => ({ runId: id, entry }));
    await copy.write({ runs, keys: [], entries, outputs: [] });
    const next = start({ store: copy });
    next.openGate();
    await next.runs.open();
    expect(await next.runs.waitForEnd(id)).toMatchObject({ status: 'succeeded' });
  });

  test('that closes leaves what waits to the next one where the store is durable', async () => {
    const store: RunStore = {
      ...createMemoryRunStore(),
      isDurable: true,
      close: () => Promise.resolve(),
    };
    const { runs, openGate } = start({ store, stopGraceMs: 0 });
    await Promise.all(Array.from({ length: runs.capacity }, () => submit(runs)));
    const { id } = await submit(runs);
    const left = runs.waitForEnd(id);
    const closing = runs.close();
    expect(await left).toMatchObject({ status: 'queued' });
    openGate();
    await closing;
    expect((await store.unfinished()).map((record) => record.id)).toEqual([id]);
  });
});
