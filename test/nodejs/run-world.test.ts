import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import type { Disk } from '../run/crashing-store.ts';
import { describeRunWorld } from '../run/run-world-suite.ts';
import { createScriptedExecutor } from '../run/scripted-executor.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/**
 * Each crash leaves a copy of the files as they are in that moment, without any last words of the
 * store that has them open: what kill -9 leaves.
 */
function createSqliteDisk(): Disk {
  const folder = createTemporaryFolder();
  const opened: RunStore[] = [];
  let generation = 0;
  return {
    open: async () => {
      const before = path.join(folder.path, String(generation));
      generation += 1;
      const here = path.join(folder.path, String(generation));
      await (generation === 1 ? mkdir(here) : cp(before, here, { recursive: true }));
      const store = createSqliteRunStore({ path: path.join(here, 'runs.sqlite') });
      opened.push(store);
      return store;
    },
    dispose: async () => {
      for (const store of opened) await store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describeRunWorld('scripted runs, a store in SQLite', {
  numRuns: 60,
  create: async () => ({
    disk: createSqliteDisk(),
    createExecutor: async (options) => createScriptedExecutor(options),
  }),
});
