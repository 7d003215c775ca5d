import path from 'node:path';

import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import type { Disk } from '../run/crashing-store.ts';
import { describeRunWorld } from '../run/run-world-suite.ts';
import { createScriptedExecutor } from '../run/scripted-executor.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** A file that one store after the other opens; who holds an earlier one hears nothing more of it. */
function createSqliteDisk(): Disk {
  const folder = createTemporaryFolder();
  let current: RunStore | null = null;
  const cutOff = async (): Promise<void> => {
    const earlier = current;
    current = null;
    await earlier?.close();
  };
  return {
    open: async () => {
      await cutOff();
      const store = createSqliteRunStore({ path: path.join(folder.path, 'runs.sqlite') });
      current = store;
      const whileAlive = async <T>(call: () => Promise<T>): Promise<T> =>
        current === store ? call() : new Promise(() => {});
      return {
        isDurable: true,
        open: () => whileAlive(() => store.open()),
        write: (batch) => whileAlive(() => store.write(batch)),
        get: (id) => whileAlive(() => store.get(id)),
        list: (query) => whileAlive(() => store.list(query)),
        entries: (...wanted) => whileAlive(() => store.entries(...wanted)),
        output: (id, name) => whileAlive(() => store.output(id, name)),
        findKey: (key, nowMs) => whileAlive(() => store.findKey(key, nowMs)),
        owedCallbacks: () => whileAlive(() => store.owedCallbacks()),
        unfinished: () => whileAlive(() => store.unfinished()),
        prune: (retention) => whileAlive(() => store.prune(retention)),
        close: () => store.close(),
      };
    },
    dispose: async () => {
      await cutOff();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describeRunWorld('scripted runs, a store in SQLite', {
  numRuns: 50,
  create: async () => ({
    disk: createSqliteDisk(),
    createExecutor: async (options) => createScriptedExecutor(options),
  }),
});
