import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { numberOf, type OpenRunDatabase, type RunDatabase, textOf } from '../run/run-database.ts';
import { applicationId, schemaSteps } from '../run/run-database-schema.ts';
import { storeUnusable } from '../run/store-unusable.ts';
import { sqliteBusy, sqliteCodeOf, toStoreError } from './run-database-error.ts';
import { SqliteRunDatabase } from './sqlite-run-database.ts';

type DatabaseType = typeof DatabaseSync;

/** How long a statement may wait for another program's lock, which the whole process does then. */
const busyTimeoutMs = 500;

/**
 * Opens the store of runs at `file`, creates it and its folder if need be, and keeps other
 * processes from doing so until it is closed or this process ends. Throws `KedroServerError`
 * (`store-unusable`).
 */
export async function openRunDatabase(file: string): Promise<OpenRunDatabase> {
  const { DatabaseSync: Database } = await import('node:sqlite');
  createFolder(file);
  const lock = takeLock(file, Database);
  try {
    createFile(file);
    const connection = connect(file, Database);
    try {
      const database = new SqliteRunDatabase(file, connection);
      database.exec('PRAGMA synchronous = NORMAL');
      prepareSchema(file, database);
      nameOwner(database);
      return {
        database,
        close: () => {
          database.close();
          lock.close();
        },
      };
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    lock.close();
    throw toStoreError(file, error);
  }
}

function createFolder(file: string): void {
  const folder = path.dirname(file);
  try {
    const created = mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (created !== undefined) writeFileSync(path.join(folder, '.gitignore'), '*\n');
  } catch (error) {
    throw fileProblem(file, error);
  }
}

/** SQLite gives the files that it makes beside this one the same permissions. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    // Not opened where it is there: closing a file ends every lock that the process has on it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw fileProblem(file, error);
    }
  }
}

function fileProblem(file: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return storeUnusable(
    file,
    `it cannot be created (${reason}). Let the user of this process write there, or choose another file`,
    error,
  );
}

function connect(file: string, Database: DatabaseType, options = {}): DatabaseSync {
  try {
    return new Database(file, { timeout: busyTimeoutMs, ...options });
  } catch (error) {
    throw toStoreError(file, error);
  }
}

/**
 * Holds the lock of a transaction on an empty database beside the file: the operating system ends
 * it with the process, whatever ends that. The file itself stays open to readers.
 */
function takeLock(file: string, Database: DatabaseType): DatabaseSync {
  const lockFile = `${file}-lock`;
  createFile(lockFile);
  const lock = connect(lockFile, Database, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN IMMEDIATE');
    return lock;
  } catch (error) {
    lock.close();
    if (sqliteCodeOf(error) !== sqliteBusy) throw toStoreError(lockFile, error);
    throw storeUnusable(
      file,
      `${readOwner(file, Database)} has it open, and one server at a time can. End that one, or choose another file for this one`,
      error,
    );
  }
}

function readOwner(file: string, Database: DatabaseType): string {
  try {
    const connection = new Database(file, { timeout: busyTimeoutMs, readOnly: true });
    try {
      const row = connection.prepare('SELECT pid, host FROM owner').get();
      const host = textOf(row, 'host');
      return `process ${numberOf(row, 'pid')}${host === hostname() ? '' : ` on ${host}`}`;
    } finally {
      connection.close();
    }
  } catch {
    return 'another process';
  }
}

function nameOwner(database: RunDatabase): void {
  database.run(
    'INSERT OR REPLACE INTO owner (one, pid, host) VALUES (1, ?, ?)',
    process.pid,
    hostname(),
  );
}

function prepareSchema(file: string, database: RunDatabase): void {
  const id = numberOf(database.get('PRAGMA application_id'), 'application_id');
  const version = numberOf(database.get('PRAGMA user_version'), 'user_version');
  const isEmpty = database.get('SELECT 1 FROM sqlite_schema') === undefined;
  if (id !== applicationId && !(isEmpty && id === 0)) {
    throw storeUnusable(file, 'it is a SQLite database of another program. Choose another file');
  }
  if (version > schemaSteps.length) {
    throw storeUnusable(
      file,
      `a newer kedro-server has written it (version ${version} of its tables; this one knows up to ${schemaSteps.length}). Update kedro-server, or choose another file`,
    );
  }
  database.exec('PRAGMA journal_mode = WAL');
  if (version === schemaSteps.length) return;
  database.transaction(() => {
    for (const step of schemaSteps.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec(`PRAGMA user_version = ${schemaSteps.length}`);
  });
}
