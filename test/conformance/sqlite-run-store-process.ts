import path from 'node:path';

import { createSqliteRunStore } from '../../src/nodejs/sqlite-run-store.ts';
import { writeUntilFailing } from './write-until-failing.ts';

/** The store is in the folder that it is given. */
const [folder = ''] = process.argv.slice(2);
await writeUntilFailing(createSqliteRunStore({ path: path.join(folder, 'runs.sqlite') }));
