import path from 'node:path';

import type { RunStore } from '../run/run-store.ts';
import { createSqlRunStore } from '../run/sql-run-store.ts';
import { openRunDatabase } from './open-run-database.ts';

export interface SqliteRunStoreOptions {
  /** The file; it and its folder are made where they are missing. */
  readonly path: string;
}

/**
 * Creates a store in a SQLite file, for one process at a time. What a write has resolved for
 * outlives the process, whatever ends it; when the machine itself stops, the last moments before
 * may be missing, and nothing else. The file and its folder are its user's alone.
 */
export function createSqliteRunStore(options: SqliteRunStoreOptions): RunStore {
  const file = path.resolve(options.path);
  return createSqlRunStore({ place: file, openDatabase: () => openRunDatabase(file) });
}
