import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import { fileNotFound, type FileSystem } from '../catalog/file-system.ts';
import { isPlainObject } from '../catalog/plain-object.ts';
import { columnsOf, type Row, withNumbers } from '../catalog/rows.ts';
import {
  type IfExists,
  noColumns,
  quoteSqlName,
  type QueryParams,
  selectColumns,
  type SqlDatabase,
  type SqlQuery,
  tableExists,
} from './sql-database.ts';

function toColumnValue(value: unknown, what: string): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return value;
  throw new TypeError(
    `SQLite cannot hold the value of ${what}: it is of type '${typeof value}'. Make a text or a number of it in the node.`,
  );
}

type Bound = [named: Record<string, SQLInputValue>, ...inOrder: SQLInputValue[]];

function toBound(params: QueryParams = []): Bound {
  if (!isPlainObject(params)) {
    return [{}, ...params.map((value, index) => toColumnValue(value, `parameter ${index + 1}`))];
  }
  const named = Object.entries(params).map(
    ([name, value]) => [name, toColumnValue(value, `parameter '${name}'`)] as const,
  );
  return [Object.fromEntries(named)];
}

function prepare(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

function hasTable(database: DatabaseSync, table: string): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?";
  return database.prepare(sql).get(table) !== undefined;
}

function saveRows(
  database: DatabaseSync,
  table: string,
  rows: readonly Row[],
  ifExists: IfExists,
): void {
  const names = columnsOf(rows);
  if (names.length === 0) throw noColumns();
  const columns = names.map(quoteSqlName).join(', ');
  database.exec('BEGIN IMMEDIATE');
  try {
    const isThere = hasTable(database, table);
    if (isThere && ifExists === 'fail') throw tableExists(table);
    if (isThere && ifExists === 'replace') database.exec(`DROP TABLE ${quoteSqlName(table)}`);
    if (!isThere || ifExists === 'replace') {
      database.exec(`CREATE TABLE ${quoteSqlName(table)} (${columns})`);
    }
    const insert = database.prepare(
      `INSERT INTO ${quoteSqlName(table)} (${columns}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    for (const [index, row] of rows.entries()) {
      const own = (name: string) => (Object.hasOwn(row, name) ? row[name] : null);
      insert.run(...names.map((name) => toColumnValue(own(name), `'${name}' in row ${index + 1}`)));
    }
    database.exec('COMMIT');
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has done it by itself, as when the disk is full: what matters is why.
    }
    throw error;
  }
}

/** A SQLite file, opened for each use; `path` is where `file` lies on this machine. */
export function createSqliteDatabase(
  file: string,
  path: string,
  fileSystem: FileSystem,
): SqlDatabase {
  async function open(mustExist: boolean): Promise<DatabaseSync> {
    if (mustExist && !(await fileSystem.exists(file))) throw fileNotFound(file);
    const { DatabaseSync: Database } = await import('node:sqlite');
    return new Database(path, { timeout: 5000 });
  }

  async function use<T>(run: (database: DatabaseSync) => T, mustExist: boolean): Promise<T> {
    const database = await open(mustExist);
    try {
      return run(database);
    } finally {
      database.close();
    }
  }

  async function* readPieces({ sql, params }: SqlQuery, size: number) {
    const database = await open(true);
    try {
      let piece: Record<string, unknown>[] = [];
      for (const row of prepare(database, sql).iterate(...toBound(params))) {
        piece.push(row);
        if (piece.length < size) continue;
        yield withNumbers(piece);
        piece = [];
      }
      if (piece.length > 0) yield withNumbers(piece);
    } finally {
      database.close();
    }
  }

  return {
    shown: file,
    query: async ({ sql, params }) =>
      use((database) => withNumbers(prepare(database, sql).all(...toBound(params))), true),
    pieces: readPieces,
    selectFrom: ({ table }, columns) => selectColumns(quoteSqlName(table), columns),
    hasTable: async ({ table }) =>
      (await fileSystem.exists(file)) && use((database) => hasTable(database, table), true),
    saveRows: async ({ table }, rows, ifExists) =>
      use((database) => saveRows(database, table, rows, ifExists), false),
  };
}
