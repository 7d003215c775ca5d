import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { describeDurableRunStore } from './durable-run-store-suite.ts';
import { describeRunStore } from './run-store-suite.ts';

const folders: TemporaryFolder[] = [];
const createIn = (folder: string) =>
  createSqliteRunStore({ path: path.join(folder, 'runs.sqlite') });

describeRunStore('runs in SQLite', {
  create: async () => {
    const folder = createTemporaryFolder();
    folders.push(folder);
    return createIn(folder.path);
  },
  dispose: async () => {
    for (const folder of folders.splice(0)) await folder[Symbol.asyncDispose]();
  },
});

describeDurableRunStore('runs in SQLite', {
  createIn,
  program: fileURLToPath(new URL('sqlite-run-store-process.ts', import.meta.url)),
});
