import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { KedroServerError, type ErrorCode } from '../../src/errors.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import {
  batchOf,
  createEntry,
  createRecord,
  queryOf,
  withStatus,
} from '../conformance/run-records.ts';
import { describeRunStore } from '../conformance/run-store-suite.ts';
import { runStatuses } from '../../src/run/run-record.ts';
import { createSubmission } from '../run/submission.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import type { ServerProcess } from './server-process.ts';
import { startWorker } from './start-worker.ts';

let worker: ServerProcess;
let count = 0;
const options = {
  entry: 'test/runtime/run-store-server.ts',
  defaultExport: 'worker',
  durableObject: ['StoreObject', 'STORE'],
} as const;

/** The store of a Durable Object in a real workerd, each method a request. */
function connectStore(url: string, name: string): RunStore {
  const call =
    <T>(method: keyof RunStore) =>
    async (...args: readonly unknown[]): Promise<T> => {
      // Infinity is no number of JSON.
      const body = JSON.stringify(args, (_, value: unknown) =>
        value === Infinity ? Number.MAX_VALUE : value,
      );
      const response = await fetch(`${url}/${name}/${method}`, { method: 'POST', body });
      const { result, error } = (await response.json()) as {
        readonly result: T;
        readonly error?: { readonly message: string; readonly code: ErrorCode | null };
      };
      if (error === undefined) return result;
      if (error.code === null) throw new Error(error.message);
      throw new KedroServerError(error.code, error.message);
    };
  return {
    isDurable: true,
    open: call('open'),
    write: call('write'),
    get: call('get'),
    findVersion: call('findVersion'),
    list: call('list'),
    entries: call('entries'),
    output: call('output'),
    findKey: call('findKey'),
    owedCallbacks: call('owedCallbacks'),
    unfinished: call('unfinished'),
    prune: call('prune'),
    close: call('close'),
  };
}

const folder = createTemporaryFolder();

beforeAll(async () => {
  worker = await startWorker({ ...options, storage: folder.path });
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describeRunStore('runs in a Durable Object', {
  // Each is some hundred requests.
  stories: 5,
  create: async () => connectStore(worker.url, `store-${(count += 1)}`),
  dispose: async () => undefined,
});

describe('the storage of a Durable Object', () => {
  test('has to be on SQLite', async () => {
    await using other = await startWorker(options);
    await expect(connectStore(other.url, 'other').open()).rejects.toMatchObject({
      code: 'store-unusable',
      message: expect.stringContaining('new_sqlite_classes'),
    });
  });

  test('finds runs of any of all states', async () => {
    const store = connectStore(worker.url, 'states');
    await store.open();
    const labels = Object.fromEntries('abcdefgh'.split('').map((label) => [label, label]));
    const submission = createSubmission({ labels });
    const runs = runStatuses.map((status) => withStatus(createRecord({ submission }), status, 1));
    await store.write(batchOf({ runs }));
    expect(await store.list(queryOf({ statuses: runStatuses }))).toEqual(runs.toReversed());
    expect(await store.list(queryOf({ statuses: runStatuses, labels }))).toEqual(runs.toReversed());
  });

  test('has all that was written when workerd is killed', async () => {
    await using kept = createTemporaryFolder();
    const run = createRecord({ lastEventId: 1 });
    const ended = withStatus(createRecord(), 'succeeded', 9);
    const output = { runId: run.id, name: 'o', json: JSON.stringify('x'.repeat(3 * 2 ** 20)) };
    const entries = [{ runId: run.id, entry: createEntry(1) }];
    {
      await using first = await startWorker({ ...options, storage: kept.path });
      const store = connectStore(first.url, 'kept');
      await store.open();
      await store.write(batchOf({ runs: [run, ended], entries, outputs: [output] }));
    }
    await using second = await startWorker({ ...options, storage: kept.path });
    const store = connectStore(second.url, 'kept');
    await store.open();
    expect(await store.list(queryOf())).toEqual([ended, run]);
    expect(await store.unfinished()).toEqual([run]);
    expect(await store.entries(run.id, 0, 9)).toEqual([createEntry(1)]);
    expect(await store.output(run.id, 'o')).toEqual(output);
  });
});
