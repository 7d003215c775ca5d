import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { RunStore } from '../../src/run/run-store.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { batchOf, createEntry, createRecord, queryOf, withStatus } from './run-records.ts';

/** How one implementation makes stores that outlive their process. */
export interface DurableRunStoreHarness {
  /** Creates the store that is kept in a folder; it has not been opened. */
  createIn(folder: string): RunStore;
  /** Whether many may have it open at once; default: no. */
  readonly isShared?: boolean;
  /**
   * A program that opens the store of the folder it is given, says `open`, and then writes one run
   * after the other. When a write has resolved it says the run's id, on a line of its own.
   */
  readonly program: string;
}

/** Holds an implementation of `RunStore` to what is promised of durable ones. */
export function describeDurableRunStore(name: string, harness: DurableRunStoreHarness): void {
  describe(`${name}, durable`, () => {
    const createFolder = (): string => {
      const folder = createTemporaryFolder();
      onTestFinished(() => folder[Symbol.asyncDispose]());
      return folder.path;
    };
    const create = (folder: string): RunStore => {
      const store = harness.createIn(folder);
      onTestFinished(() => store.close());
      return store;
    };
    const start = (folder: string): ChildProcess => {
      const child = spawn(process.execPath, [harness.program, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };

    test('says so', () => {
      expect(create(createFolder()).isDurable).toBe(true);
    });

    test('what is closed and opened again has all that was written', async () => {
      const folder = createFolder();
      const run = createRecord({ lastEventId: 1 });
      const key = { key: 'k', fingerprint: 'f', expiresAtMs: 5, runId: run.id };
      const output = { runId: run.id, name: 'o', json: '[1.0]' };
      const batch = { keys: [key], entries: [{ runId: run.id, entry: createEntry(1) }] };
      const ended = withStatus(createRecord(), 'succeeded', 9);
      const first = create(folder);
      await first.open();
      const callbacks = [{ runId: ended.id, attempts: 2, dueAtMs: 7 }];
      await first.write({ runs: [run, ended], ...batch, outputs: [output], callbacks });
      await first.close();
      const second = create(folder);
      await second.open();
      expect(await second.list(queryOf())).toEqual([ended, run]);
      expect(await second.unfinished()).toEqual([run]);
      expect(await second.entries(run.id, 0, 9)).toEqual([createEntry(1)]);
      expect(await second.output(run.id, 'o')).toEqual(output);
      expect(await second.findKey('k', 0)).toEqual(key);
      expect(await second.owedCallbacks()).toEqual(callbacks);
      await second.write(batchOf({ entries: [{ runId: run.id, entry: createEntry(2) }] }));
      expect(await second.entries(run.id, 0, 9)).toHaveLength(2);
      expect(await second.prune({ endedBeforeMs: 10, maxEndedRuns: null, nowMs: 0 })).toBe(1);
    });

    const isOpenedByMany = async (): Promise<void> => {
      const folder = createFolder();
      const [first, second] = [create(folder), create(folder)];
      await Promise.all([first.open(), second.open()]);
      const run = createRecord();
      await first.write(batchOf({ runs: [run] }));
      await second.write(batchOf({ entries: [{ runId: run.id, entry: createEntry(1) }] }));
      await first.write(batchOf({ entries: [{ runId: run.id, entry: createEntry(2) }] }));
      expect(await second.list(queryOf())).toEqual([run]);
      expect(await second.entries(run.id, 0, 9)).toHaveLength(2);
      await first.close();
      expect(await second.get(run.id)).toEqual(run);
    };
    const isOpenedByOne = async (): Promise<void> => {
      const folder = createFolder();
      const [first, second] = [create(folder), create(folder)];
      await Promise.all([first.open(), first.open()]);
      await expect(second.open()).rejects.toMatchObject({
        code: 'store-unusable',
        message: expect.stringContaining(`process ${process.pid} has it open`),
      });
      await first.write(batchOf({ runs: [createRecord()] }));
      await first.close();
      await second.open();
      expect(await second.list(queryOf())).toHaveLength(1);
    };
    if (harness.isShared) test('is opened by many at once, who see the same', isOpenedByMany);
    else test('is opened by one at a time, in one process too', isOpenedByOne);

    test('has all that a process had written when it was killed, and is free then', async () => {
      const folder = createFolder();
      const child = start(folder);
      if (child.stdout === null) throw new Error('The program has no output.');
      const written: string[] = [];
      const store = create(folder);
      for await (const line of createInterface(child.stdout)) {
        if (line === 'open' && harness.isShared) {
          await store.open();
        } else if (line === 'open') {
          await expect(store.open()).rejects.toMatchObject({
            code: 'store-unusable',
            message: expect.stringMatching(
              new RegExp(`${folder}.*process ${child.pid} has it open`, 'u'),
            ),
          });
        } else {
          written.push(line);
          if (written.length === 100) child.kill('SIGKILL');
        }
      }
      if (child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      await store.open();
      const runs = await store.list(queryOf({ limit: 1_000_000 }));
      expect(runs.length - written.length).toBeOneOf([0, 1]);
      expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining(written));
      for (const { id, lastEventId } of runs) {
        expect(await store.entries(id, 0, 1000)).toHaveLength(lastEventId);
        expect(await store.output(id, 'o')).toMatchObject({ runId: id });
      }
    });
  });
}
