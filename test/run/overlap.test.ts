import { describe, expect, onTestFinished, test } from 'vitest';

import type { ClaimMode, RunClaims } from '../../src/executor/dataset-claims.ts';
import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import type { RunRecord, RunSubmission } from '../../src/run/run-record.ts';
import { createRuns, type Runs, type RunsOptions } from '../../src/run/runs.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { eventually } from '../eventually.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';
import { createSubmission } from './submission.ts';

type Uses = Readonly<Record<string, ClaimMode>>;

interface Started {
  readonly runs: Runs;
  /** How often claims were looked for. */
  readonly looks: () => number;
  submit(uses: Uses, wanted?: Partial<RunSubmission>): Promise<RunRecord>;
  /** Lets a run end, and waits until it has. */
  end(run: RunRecord): Promise<void>;
  statusOf(run: RunRecord): Promise<string | undefined>;
}

/** Runs that read and write what their tags say, until they are let go. */
function start(options: Partial<RunsOptions> & { readonly error?: Error } = {}): Started {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const over = Promise.withResolvers<void>();
  const gateOf = (runId: string): PromiseWithResolvers<void> => {
    const gate = gates.get(runId) ?? Promise.withResolvers<void>();
    gates.set(runId, gate);
    return gate;
  };
  let looks = 0;
  const executor = {
    ...createMemoryExecutor({
      run: ({ runId }) => ({ mayEnd: Promise.race([gateOf(runId).promise, over.promise]) }),
    }),
    capacity: 4,
    claimsOf: async ({ tags }: { readonly tags: readonly string[] | null }): Promise<RunClaims> => {
      looks += 1;
      await Promise.resolve();
      if (options.error !== undefined) throw options.error;
      const uses = JSON.parse(tags?.[0] ?? '{}') as Uses;
      const claims = Object.entries(uses).map(([place, mode]) => ({ dataset: place, place, mode }));
      return { claims, dependsOnParams: false };
    },
  };
  const runs = createRuns({ executor, store: createMemoryRunStore(), ...options });
  onTestFinished(async () => {
    over.resolve();
    await runs.close();
  });
  return {
    runs,
    looks: () => looks,
    submit: async (uses, wanted) => {
      const { runId: _, ...order } = createRunOrder({ tags: [JSON.stringify(uses)] });
      return (await runs.submit(createSubmission({ order, ...wanted }))).record;
    },
    end: async ({ id, saveVersion }) => {
      gateOf(saveVersion).resolve();
      await runs.waitForEnd(id);
    },
    statusOf: async ({ id }) => (await runs.get(id))?.status,
  };
}

async function untilRunning({ statusOf }: Started, ...records: RunRecord[]): Promise<void> {
  await eventually(async () => {
    for (const record of records) expect(await statusOf(record)).toBe('running');
  });
}

describe('runs that use the same dataset', () => {
  test('read it together; who writes it waits for them, and says for whom and what', async () => {
    const server = start();
    const [one, two] = [await server.submit({ a: 'read' }), await server.submit({ a: 'read' })];
    const writer = await server.submit({ a: 'write', b: 'write' });
    await untilRunning(server, one, two);
    expect(server.runs.placeOf(writer.id)).toEqual({
      position: 1,
      waitsFor: [one.id, two.id],
      datasets: ['a'],
    });
    await server.end(one);
    expect(await server.statusOf(writer)).toBe('queued');
    await server.end(two);
    await untilRunning(server, writer);
  });

  test('add versions of it together, which a reader of the latest waits for', async () => {
    const server = start();
    const [one, two] = [await server.submit({ a: 'add' }), await server.submit({ a: 'add' })];
    const reader = await server.submit({ a: 'read' });
    await untilRunning(server, one, two);
    expect(server.runs.placeOf(reader.id)?.waitsFor).toEqual([one.id, two.id]);
  });

  test('see that a file lies in a folder, and not that names begin alike', async () => {
    const server = start();
    const folder = await server.submit({ 'data/parts': 'write' });
    const part = await server.submit({ 'data/parts/a.csv': 'read' });
    const other = await server.submit({ 'data/parts2': 'write' });
    await untilRunning(server, folder, other);
    expect(server.runs.placeOf(part.id)?.datasets).toEqual(['data/parts/a.csv']);
  });

  test('do not keep others waiting, which begin before them', async () => {
    const server = start();
    const first = await server.submit({ a: 'write' });
    const waiting = await server.submit({ a: 'write' });
    const other = await server.submit({ b: 'write' });
    await untilRunning(server, first, other);
    expect(server.runs.placeOf(waiting.id)?.position).toBe(1);
    expect(server.runs.load).toMatchObject({ running: 2, waiting: 1 });
  });

  test('come in their order: readers do not pass a writer that waits', async () => {
    const server = start();
    const reader = await server.submit({ a: 'read' });
    const writer = await server.submit({ a: 'write' });
    const late = await server.submit({ a: 'read' });
    await untilRunning(server, reader);
    expect(server.runs.placeOf(late.id)).toEqual({
      position: 2,
      waitsFor: [writer.id],
      datasets: ['a'],
    });
    await server.end(reader);
    await untilRunning(server, writer);
    expect(await server.statusOf(late)).toBe('queued');
    await server.end(writer);
    await untilRunning(server, late);
  });

  test('come by their priority first', async () => {
    const server = start();
    const running = await server.submit({ a: 'write' });
    const low = await server.submit({ a: 'write' });
    const high = await server.submit({ a: 'write' }, { priority: 1 });
    await untilRunning(server, running);
    await server.end(running);
    await untilRunning(server, high);
    expect(server.runs.placeOf(low.id)?.waitsFor).toEqual([high.id]);
  });

  test('go on when the one that they wait for is cancelled while it waits', async () => {
    const server = start();
    const reader = await server.submit({ a: 'read' });
    const writer = await server.submit({ a: 'write' });
    const late = await server.submit({ a: 'read' });
    await untilRunning(server, reader);
    await server.runs.cancel(writer.id, 'Not wanted.');
    await untilRunning(server, reader, late);
  });

  test('keep their turn at a concurrency key while they wait for a dataset', async () => {
    const server = start();
    const concurrency = { key: 'k', limit: 1, onConflict: 'queue' as const };
    const reader = await server.submit({ a: 'read' });
    const writer = await server.submit({ a: 'write' }, { concurrency });
    const same = await server.submit({ b: 'write' }, { concurrency });
    await untilRunning(server, reader);
    expect(server.runs.placeOf(same.id)?.waitsFor).toEqual([writer.id]);
  });

  test('do not tell whose run they wait for where it is another’s', async () => {
    const server = start();
    await server.submit({ a: 'write' }, { owner: 'ann' });
    const { id } = await server.submit({ a: 'write' }, { owner: 'bob' });
    await eventually(() =>
      expect(server.runs.placeOf(id)).toEqual({ position: 1, waitsFor: [], datasets: ['a'] }),
    );
  });
});

describe('runs that may overlap', () => {
  test('do, by the server’s word or by their own', async () => {
    const server = start({ overlap: 'allow' });
    const both = [await server.submit({ a: 'write' }), await server.submit({ a: 'write' })];
    await untilRunning(server, ...both);
    const careful = [
      await server.submit({ a: 'write' }, { overlap: 'wait' }),
      await server.submit({ a: 'write' }, { overlap: 'wait' }),
    ] as const;
    await untilRunning(server, careful[0]);
    expect(server.runs.placeOf(careful[1].id)?.waitsFor).toEqual([careful[0].id]);
  });
});

describe('what runs claim', () => {
  test('is looked for once, however many ask', async () => {
    const server = start();
    const both = await Promise.all([server.submit({ a: 'read' }), server.submit({ a: 'read' })]);
    await untilRunning(server, ...both);
    await server.submit({ a: 'read' });
    expect(server.looks()).toBe(1);
  });

  test('and cannot be found out keeps no run from beginning, and is told in its log', async () => {
    const server = start({ error: new TypeError('no catalog') });
    const record = await server.submit({ a: 'write' });
    await server.end(record);
    const log = await Array.fromAsync(server.runs.read(record.id, { afterId: 0 }));
    expect(log.flat().map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ type: 'log', message: expect.stringContaining('no catalog') }),
    );
  });

  test('counts after a restart, too', async () => {
    const store = createMemoryRunStore();
    const durable = { ...store, isDurable: true, close: () => Promise.resolve() };
    const before = start({ store: durable });
    const writers = [];
    for (let count = 0; count < 3; count += 1) writers.push(await before.submit({ a: 'write' }));
    const [first, second, third] = writers;
    if (first === undefined || second === undefined || third === undefined) return;
    await untilRunning(before, first);
    await before.end(first);
    await untilRunning(before, second);
    // A server that is killed leaves its store as it is.
    const after = start({ store: durable });
    await after.runs.open();
    expect((await after.runs.get(second.id))?.status).toBe('lost');
    await untilRunning(after, third);
  });
});
