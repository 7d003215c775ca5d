import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { RunLogEntry } from '../../src/run/run-log-entry.ts';
import type { RunQuery, RunStore } from '../../src/run/run-store.ts';
import { createSubmission } from '../run/submission.ts';
import {
  batchOf,
  createEntry,
  createLogEvent,
  createRecord,
  queryOf,
  withStatus,
} from './run-records.ts';
import { RunStoreModel } from './run-store-model.ts';
import { storyArbitrary, takeStep } from './run-store-steps.ts';

/** How one implementation makes stores for the suite. */
export interface RunStoreHarness {
  /** Stories that are tried; default: 50. */
  readonly stories?: number;
  /** Creates an empty one that drops nothing by itself; it has not been opened. */
  create(): Promise<RunStore>;
  /** Removes what the stores have left. */
  dispose(): Promise<void>;
}

const keepAll = { endedBeforeMs: null, maxEndedRuns: null, nowMs: 0 };

/** Holds an implementation of `RunStore` to what the interface promises. */
export function describeRunStore(name: string, harness: RunStoreHarness): void {
  describe(name, () => {
    const create = async (): Promise<RunStore> => {
      const store = await harness.create();
      onTestFinished(async () => {
        await store.close();
        await harness.dispose();
      });
      await store.open();
      return store;
    };

    test('is empty at first', async () => {
      const store = await create();
      expect(await store.get('a')).toBeNull();
      expect(await store.list(queryOf())).toEqual([]);
      expect(await store.entries('a', 0, 10)).toEqual([]);
      expect(await store.output('a', 'o')).toBeNull();
      expect(await store.findKey('a', 0)).toBeNull();
      expect(await store.unfinished()).toEqual([]);
      expect(await store.prune({ ...keepAll, maxEndedRuns: 0 })).toBe(0);
    });

    test('holds what a plain list would hold', async () => {
      await fc.assert(
        fc.asyncProperty(storyArbitrary, async ({ steps, queries, afterId, limit, nowMs }) => {
          const store = await harness.create();
          try {
            await store.open();
            const model = new RunStoreModel();
            for (const step of steps) {
              const [removed, expected] = await takeStep(store, model, step);
              expect(removed).toBe(expected);
            }
            expect(await store.list(queryOf())).toEqual(model.list(queryOf()));
            expect(await store.unfinished()).toEqual(model.unfinished());
            for (const query of queries) {
              expect(await store.list(query)).toEqual(model.list(query));
            }
            for (const { id } of model.runs) {
              expect(await store.entries(id, 0, 100)).toEqual(model.entries(id, 0, 100));
              expect(await store.entries(id, afterId, limit, 'log')).toEqual(
                model.entries(id, afterId, limit, 'log'),
              );
            }
            for (const output of model.outputs) {
              expect(await store.output(output.runId, output.name)).toEqual(output);
            }
            for (const key of ['one', 'two', '\uD83D']) {
              expect(await store.findKey(key, nowMs)).toEqual(model.findKey(key, nowMs));
            }
          } finally {
            await store.close();
          }
        }),
        { numRuns: harness.stories ?? 50 },
      );
      await harness.dispose();
    });

    describe('a write', () => {
      test('is seen by every read as soon as it resolves', async () => {
        const store = await create();
        const run = createRecord({ lastEventId: 2 });
        const entries = [1, 2].map((id) => ({ runId: run.id, entry: createEntry(id) }));
        const key = { key: 'k', fingerprint: 'f', expiresAtMs: 5, runId: run.id };
        const output = { runId: run.id, name: 'o', json: '[1.0]' };
        await store.write({ runs: [run], keys: [key], entries, outputs: [output] });
        expect(await store.get(run.id)).toEqual(run);
        expect(await store.list(queryOf())).toEqual([run]);
        expect(await store.unfinished()).toEqual([run]);
        expect(await store.entries(run.id, 0, 10)).toEqual(entries.map(({ entry }) => entry));
        expect(await store.output(run.id, 'o')).toEqual(output);
        expect(await store.findKey('k', 4)).toEqual(key);
        const ended = withStatus(run, 'failed', 9);
        await store.write(batchOf({ runs: [ended] }));
        expect(await store.get(run.id)).toEqual(ended);
        expect(await store.list(queryOf({ statuses: ['queued'] }))).toEqual([]);
        expect(await store.list(queryOf({ statuses: ['failed'] }))).toEqual([ended]);
        expect(await store.unfinished()).toEqual([]);
      });

      test.each([
        [
          'an entry of an unknown run',
          batchOf({ entries: [{ runId: 'unknown', entry: createEntry(1) }] }),
        ],
        [
          'an output of an unknown run',
          batchOf({ outputs: [{ runId: 'unknown', name: 'o', json: '1' }] }),
        ],
        [
          'a callback of an unknown run',
          batchOf({ callbacks: [{ runId: 'unknown', attempts: 0, dueAtMs: 1 }] }),
        ],
      ])('is nothing at all when it has %s', async (_, wrong) => {
        const store = await create();
        const known = createRecord();
        await store.write(batchOf({ runs: [known] }));
        const run = createRecord();
        const batch = batchOf({
          runs: [withStatus(known, 'running', 0), run],
          keys: [{ key: 'k', fingerprint: 'f', expiresAtMs: 5, runId: run.id }],
          entries: [{ runId: run.id, entry: createEntry(1) }, ...wrong.entries],
          outputs: [{ runId: run.id, name: 'o', json: '1' }, ...wrong.outputs],
          callbacks: [{ runId: known.id, attempts: 0, dueAtMs: 1 }, ...(wrong.callbacks ?? [])],
        });
        await expect(store.write(batch)).rejects.toThrow('There is no run unknown');
        expect(await store.list(queryOf())).toEqual([known]);
        expect(await store.get(run.id)).toBeNull();
        expect(await store.entries(run.id, 0, 10)).toEqual([]);
        expect(await store.output(run.id, 'o')).toBeNull();
        expect(await store.findKey('k', 0)).toBeNull();
        expect(await store.owedCallbacks()).toEqual([]);
        await store.write(batchOf({ runs: [run], entries: batch.entries.slice(0, 1) }));
        expect(await store.entries(run.id, 0, 10)).toEqual([createEntry(1)]);
      });

      test.each([
        ['skips one', [3]],
        ['is there already', [2]],
        ['comes twice', [3, 3]],
        ['comes before another', [4, 3]],
      ])('is nothing at all when the id of an entry %s', async (what, ids) => {
        const store = await create();
        const run = createRecord();
        const toEntries = (all: readonly number[]) =>
          all.map((id) => ({ runId: run.id, entry: createEntry(id) }));
        await store.write(batchOf({ runs: [run], entries: toEntries([1]) }));
        if (what !== 'skips one') await store.write(batchOf({ entries: toEntries([2]) }));
        const before = await store.entries(run.id, 0, 10);
        const runs = [withStatus(run, 'running', 0)];
        await expect(store.write(batchOf({ runs, entries: toEntries(ids) }))).rejects.toThrow(
          /^Entry \d of run .+ cannot be written: the last one that is there is \d\.$/u,
        );
        expect(await store.get(run.id)).toEqual(run);
        expect(await store.entries(run.id, 0, 10)).toEqual(before);
      });

      test('may be one of many at once', async () => {
        const store = await create();
        const runs = Array.from({ length: 50 }, () => createRecord());
        await Promise.all(
          runs.map(async (run) => {
            await store.write(batchOf({ runs: [run] }));
            for (let id = 1; id <= 4; id += 1) {
              await store.write(batchOf({ entries: [{ runId: run.id, entry: createEntry(id) }] }));
            }
          }),
        );
        expect(await store.list(queryOf())).toEqual(runs.toReversed());
        for (const { id } of runs) expect(await store.entries(id, 0, 9)).toHaveLength(4);
      });
    });

    describe('what comes back', () => {
      const odd = createRecord({
        nodesRunning: ['Zoë', '\uD83D', '\u0000', '__proto__', 'x'.repeat(1_000_000)],
        error: { type: 'a.B', message: '\uDE00 \u2028 "\\', node: null },
        durationMs: -0.1,
        submission: createSubmission({
          owner: '\uD83D key:Zoë',
          labels: JSON.parse('{"__proto__": "a", "constructor": "\\ud83d", "": ""}') as Record<
            string,
            string
          >,
          order: {
            ...createSubmission().order,
            paramsJson: '{"n": 12345678901234567890, "f": 1.0, "z": -0.0, "s": "\uD83D"}',
            inputsJson: '{"numbers": [1.0, "\uD83D\u0000"]}',
            loadVersions: JSON.parse('{"__proto__": "v"}') as Record<string, string>,
          },
        }),
      });

      test('is what was given, whatever that is', async () => {
        const store = await create();
        const json = '{"n": 12345678901234567890, "s": "\uD83D 😀", "t": "\\u0000"}';
        const outputs = ['o', '', '__proto__', '\uD83D', 'a\u0000b'].map((output, index) => ({
          runId: odd.id,
          name: output,
          json: `${json.slice(0, -1)}, "i": ${index}}`,
        }));
        const entry = createEntry(1, createLogEvent('\uD83D\u0000'.repeat(100_000)));
        const keys = ['', '\uD83D', 'a\u0000b', 'a'].map((key) => ({
          key,
          fingerprint: `${key}\uDE00`,
          expiresAtMs: 1.5,
          runId: odd.id,
        }));
        await store.write({ runs: [odd], keys, entries: [{ runId: odd.id, entry }], outputs });
        expect(await store.get(odd.id)).toStrictEqual(odd);
        expect(await store.entries(odd.id, 0, 1)).toStrictEqual([entry]);
        for (const output of outputs) {
          expect(await store.output(odd.id, output.name)).toStrictEqual(output);
        }
        for (const key of keys) expect(await store.findKey(key.key, 1)).toStrictEqual(key);
        const labels = Object.fromEntries([['__proto__', 'a']]);
        expect(await store.unfinished()).toStrictEqual([odd]);
        expect(await store.findVersion(odd.saveVersion)).toStrictEqual(odd);
        expect(await store.findVersion('2026-01-01T00.00.00.000Z')).toBeNull();
        const { inputsJson: _, ...order } = odd.submission.order;
        const listed = { ...odd, submission: { ...odd.submission, order } };
        expect(await store.list(queryOf({ labels }))).toStrictEqual([listed]);
        expect(await store.list(queryOf({ labels: { constructor: '\uD83D' } }))).toHaveLength(1);
        expect(await store.list(queryOf({ labels: { constructor: '\uDE00' } }))).toEqual([]);
        expect(await store.list(queryOf({ labels: { toString: '' } }))).toEqual([]);
        expect(await store.list(queryOf({ owner: '\uD83D key:Zoë' }))).toStrictEqual([listed]);
        expect(await store.list(queryOf({ owner: '\uDE00 key:Zoë' }))).toEqual([]);
      });

      test('is of one owner, where that is asked', async () => {
        const store = await create();
        const owners = ['a', 'b', null, 'a', undefined];
        const runs = owners.map((owner) =>
          createRecord({ submission: createSubmission({ owner }) }),
        );
        await store.write(batchOf({ runs }));
        const found = async (wanted: Partial<RunQuery>): Promise<readonly number[]> =>
          (await store.list(queryOf(wanted))).map(({ id }) =>
            runs.findIndex((run) => run.id === id),
          );
        expect(await found({ owner: 'a' })).toEqual([3, 0]);
        expect(await found({ owner: 'a', limit: 1, before: runs[3]?.id ?? '' })).toEqual([0]);
        expect(await found({ owner: 'b', statuses: ['queued'] })).toEqual([1]);
        expect(await found({ owner: 'c' })).toEqual([]);
        expect(await found({ owner: null })).toEqual([4, 3, 2, 1, 0]);
        expect(await found({})).toEqual([4, 3, 2, 1, 0]);
      });

      test('is shared with nobody', async () => {
        const store = await create();
        const given = structuredClone(odd);
        const entry = createEntry(1);
        const key = { key: 'k', fingerprint: 'f', expiresAtMs: 5, runId: odd.id };
        const output = { runId: odd.id, name: 'o', json: '1' };
        const batch = { runs: [given], keys: [key], entries: [{ runId: odd.id, entry }] };
        await store.write({ ...batch, outputs: [output] });
        const read = async (): Promise<readonly unknown[]> => [
          await store.get(odd.id),
          (await store.list(queryOf()))[0],
          (await store.unfinished())[0],
          (await store.entries(odd.id, 0, 1))[0],
          await store.findKey('k', 0),
          await store.output(odd.id, 'o'),
        ];
        const before = structuredClone(await read());
        for (const object of [given, entry, key, output, ...(await read())]) spoil(object);
        expect(await read()).toStrictEqual(before);
      });
    });

    describe('a list', () => {
      test('is read page by page, while runs come in', async () => {
        const store = await create();
        const runs = Array.from({ length: 25 }, () => createRecord());
        await store.write(batchOf({ runs }));
        const seen: string[] = [];
        let before: string | null = null;
        for (;;) {
          const page = await store.list(queryOf({ before, limit: 10 }));
          seen.push(...page.map(({ id }) => id));
          await store.write(batchOf({ runs: [createRecord()] }));
          if (page.length < 10) break;
          before = page.at(-1)?.id ?? null;
        }
        expect(seen).toEqual(runs.map(({ id }) => id).toReversed());
      });

      test('of no status, or none at all, is empty', async () => {
        const store = await create();
        await store.write(batchOf({ runs: [createRecord()] }));
        expect(await store.list(queryOf({ statuses: [] }))).toEqual([]);
        expect(await store.list(queryOf({ limit: 0 }))).toEqual([]);
      });
    });

    describe('entries', () => {
      test('of one type are found among many others', async () => {
        const store = await create();
        const [run, other] = [createRecord(), createRecord()];
        const entries = Array.from({ length: 3000 }, (_, index) =>
          createEntry(index + 1, index % 1000 === 999 ? { type: 'run.queued' } : undefined),
        );
        const toBatch = (runId: string, all: readonly RunLogEntry[]) =>
          batchOf({ entries: all.map((entry) => ({ runId, entry })) });
        await store.write(batchOf({ runs: [run, other] }));
        await store.write(toBatch(run.id, entries));
        await store.write(toBatch(other.id, entries.slice(0, 1)));
        const idsOf = (found: readonly RunLogEntry[]) => found.map(({ id }) => id);
        expect(idsOf(await store.entries(run.id, 0, 9, 'run.queued'))).toEqual([1000, 2000, 3000]);
        expect(idsOf(await store.entries(run.id, 1000, 1, 'run.queued'))).toEqual([2000]);
        expect(idsOf(await store.entries(run.id, 2997, 9))).toEqual([2998, 2999, 3000]);
        expect(idsOf(await store.entries(run.id, 998, 2, 'log'))).toEqual([999, 1001]);
        expect(await store.entries(run.id, 3000, 9)).toEqual([]);
        expect(await store.entries(run.id, 0, 9, 'run.ended')).toEqual([]);
      });
    });

    test('callbacks are owed until they are not, or their run is gone', async () => {
      const store = await create();
      const runs = [1, 2, 3].map((atMs) => withStatus(createRecord(), 'succeeded', atMs));
      const [first, second, third] = runs.map(({ id }, index) => ({
        runId: id,
        attempts: 0,
        dueAtMs: 30 - index,
      }));
      if (first === undefined || second === undefined || third === undefined) return;
      await store.write(batchOf({ runs, callbacks: [first, second, third] }));
      expect(await store.owedCallbacks()).toEqual([third, second, first]);
      const again = { ...third, attempts: 1, dueAtMs: 100.5 };
      await store.write(batchOf({ callbacks: [again, { ...second, dueAtMs: null }] }));
      expect(await store.owedCallbacks()).toEqual([first, again]);
      await store.prune({ ...keepAll, endedBeforeMs: 2 });
      expect(await store.owedCallbacks()).toEqual([again]);
    });

    describe('pruning', () => {
      test('removes what ended first, with all that belongs to it', async () => {
        const store = await create();
        const ends = [40, 10, 30, 20].map((atMs) => withStatus(createRecord(), 'succeeded', atMs));
        const [at40, at10, at30, at20] = ends.map(({ id }) => id);
        const running = withStatus(createRecord(), 'running', 0);
        const runs = [...ends, running];
        await store.write({
          runs,
          keys: runs.map(({ id }) => ({ key: id, fingerprint: '', expiresAtMs: 100, runId: id })),
          entries: runs.map(({ id }) => ({ runId: id, entry: createEntry(1) })),
          outputs: runs.map(({ id }) => ({ runId: id, name: 'o', json: '1' })),
        });
        const left = async (): Promise<unknown[]> => {
          const found: unknown[] = [];
          for (const { id } of runs) {
            const [record, [entry], output] = [
              await store.get(id),
              await store.entries(id, 0, 1),
              await store.output(id, 'o'),
            ];
            expect(entry === undefined).toBe(record === null);
            expect(output === null).toBe(record === null);
            if (record !== null) found.push(id);
          }
          return found;
        };
        expect(await store.prune(keepAll)).toBe(0);
        expect(await store.prune({ ...keepAll, endedBeforeMs: 20 })).toBe(1);
        expect(await left()).toEqual([at40, at30, at20, running.id]);
        expect(await store.prune({ ...keepAll, maxEndedRuns: 2 })).toBe(1);
        expect(await left()).toEqual([at40, at30, running.id]);
        expect(await store.prune({ endedBeforeMs: 1000, maxEndedRuns: 0, nowMs: 99 })).toBe(2);
        expect(await left()).toEqual([running.id]);
        expect(at10).toEqual((await store.findKey(at10 ?? '', 99))?.runId);
        await store.prune({ ...keepAll, nowMs: 100 });
        expect(await store.findKey(running.id, 0)).toBeNull();
        await store.write(batchOf({ runs: [withStatus(running, 'lost', 5)] }));
        expect(await store.prune({ ...keepAll, endedBeforeMs: 5 })).toBe(0);
        expect(await store.prune({ ...keepAll, maxEndedRuns: 0 })).toBe(1);
        expect(await store.list(queryOf())).toEqual([]);
      });

      test('of much lets reads and writes in', async () => {
        const store = await create();
        for (let round = 0; round < 20; round += 1) {
          const runs = Array.from({ length: 50 }, () => withStatus(createRecord(), 'failed', 1));
          const entries = runs.flatMap(({ id: runId }) =>
            [1, 2, 3].map((id) => ({ runId, entry: createEntry(id) })),
          );
          await store.write(batchOf({ runs, entries }));
        }
        const pruned = store.prune({ ...keepAll, maxEndedRuns: 5 });
        const late = createRecord();
        await store.write(batchOf({ runs: [late] }));
        expect(await store.get(late.id)).toEqual(late);
        expect(await pruned).toBe(995);
        expect(await store.list(queryOf())).toHaveLength(6);
      });
    });

    describe('close', () => {
      test('is final, and may be called again', async () => {
        const store = await create();
        const run = createRecord();
        await store.write(batchOf({ runs: [run] }));
        await Promise.all([store.close(), store.close()]);
        await store.close();
        const calls = [
          () => store.open(),
          () => store.write(batchOf({ runs: [run] })),
          () => store.get(run.id),
          () => store.findVersion(run.saveVersion),
          () => store.list(queryOf()),
          () => store.entries(run.id, 0, 1),
          () => store.output(run.id, 'o'),
          () => store.findKey('k', 0),
          () => store.owedCallbacks(),
          () => store.unfinished(),
          () => store.prune(keepAll),
        ];
        for (const call of calls) {
          await expect(call()).rejects.toMatchObject({
            code: 'store-unusable',
            message: expect.stringContaining('closed'),
          });
        }
      });

      test('is fine before open', async () => {
        const store = await harness.create();
        await store.close();
        await harness.dispose();
      });
    });
  });
}

/** Overwrites whatever an object holds. */
function spoil(object: unknown): void {
  if (typeof object !== 'object' || object === null) return;
  for (const [name, value] of Object.entries(object)) {
    spoil(value);
    Object.defineProperty(object, name, { value: 'spoilt', enumerable: true, configurable: true });
  }
}
