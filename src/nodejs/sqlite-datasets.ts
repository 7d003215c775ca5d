import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

import type {
  Dataset,
  DatasetContext,
  DatasetFactory,
  DatasetOptions,
} from '../catalog/dataset.ts';
import { DatasetError } from '../catalog/dataset-error.ts';
import type { OptionReader } from '../catalog/dataset-options.ts';
import { placeOf, readOptions } from '../catalog/dataset-options.ts';
import { decodeText } from '../catalog/decode-text.ts';
import { fileNotFound, fileSystemFor } from '../catalog/file-system.ts';
import { isPlainObject } from '../catalog/plain-object.ts';
import type { Row } from '../catalog/rows.ts';
import { checkRows, columnsOf, withNumbers } from '../catalog/rows.ts';

interface Connection {
  readonly file: string;
  use<T>(run: (database: DatabaseSync) => T, mustExist: boolean): Promise<T>;
}

/** The file of `sqlite:///data/a.db`, from the project, or `sqlite:////srv/a.db`. */
function readConnection(reader: OptionReader, context: DatasetContext): Connection {
  const credentials = reader.raw('credentials');
  const con = isPlainObject(credentials) ? credentials['con'] : undefined;
  const file = typeof con === 'string' ? /^sqlite:\/\/\/(?<file>.+)$/u.exec(con)?.[1] : undefined;
  if (file === undefined) {
    throw new DatasetError(
      'dataset-invalid',
      `${placeOf(context)}: its credentials need 'con: sqlite:///path/to/file.db'. Other databases want a dataset of your own, given to the catalog's datasetTypes.`,
    );
  }
  const fileSystem = fileSystemFor(file, context.fileSystems);
  const path = fileSystem.local?.pathOf(file);
  if (path === undefined) {
    throw new DatasetError('dataset-invalid', `${placeOf(context)}: '${file}' is no local file.`);
  }
  return {
    file,
    async use(run, mustExist) {
      if (mustExist && !(await fileSystem.exists(file))) throw fileNotFound(file);
      const { DatabaseSync: Database } = await import('node:sqlite');
      const database = new Database(path, { timeout: 5000 });
      try {
        return run(database);
      } finally {
        database.close();
      }
    },
  };
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function readAll(database: DatabaseSync, sql: string): readonly Row[] {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return withNumbers(statement.all());
}

function toColumnValue(value: unknown, name: string, index: number): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return value;
  throw new TypeError(
    `SQLite cannot hold the value of '${name}' in row ${index + 1}: it is of type '${typeof value}'. Make a text or a number of it in the node.`,
  );
}

function hasTable(database: DatabaseSync, table: string): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?";
  return database.prepare(sql).get(table) !== undefined;
}

function saveRows(
  database: DatabaseSync,
  table: string,
  rows: readonly Row[],
  ifExists: string,
): void {
  const names = columnsOf(rows);
  if (names.length === 0) throw new TypeError('There are no rows to take the columns from.');
  database.exec('BEGIN IMMEDIATE');
  try {
    const isThere = hasTable(database, table);
    if (isThere && ifExists === 'fail') {
      throw new TypeError(
        `There is a table '${table}' already. Set save_args: { if_exists: replace } or append.`,
      );
    }
    if (isThere && ifExists === 'replace') database.exec(`DROP TABLE ${quoteName(table)}`);
    if (!isThere || ifExists === 'replace') {
      database.exec(`CREATE TABLE ${quoteName(table)} (${names.map(quoteName).join(', ')})`);
    }
    const insert = database.prepare(
      `INSERT INTO ${quoteName(table)} (${names.map(quoteName).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    for (const [index, row] of rows.entries()) {
      const own = (name: string) => (Object.hasOwn(row, name) ? row[name] : null);
      insert.run(...names.map((name) => toColumnValue(own(name), name, index)));
    }
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function createTable(options: DatasetOptions, context: DatasetContext): Dataset {
  const place = placeOf(context);
  const known = ['table_name', 'credentials', 'load_args', 'save_args'];
  const reader = readOptions(options, place, known);
  const table = reader.requiredText('table_name');
  const connection = readConnection(reader, context);
  readOptions(reader.map('load_args'), `${place}, load_args`, []);
  const saveArgs = readOptions(reader.map('save_args'), `${place}, save_args`, [
    'if_exists',
    'index',
  ]);
  const ifExists = saveArgs.text('if_exists') ?? 'fail';
  if (!['fail', 'replace', 'append'].includes(ifExists) || saveArgs.flag('index') === true) {
    throw new DatasetError(
      'dataset-invalid',
      `${place}: save_args take 'if_exists: fail', 'replace' or 'append', and 'index: false'.`,
    );
  }
  return {
    metadata: context.metadata,
    async load() {
      const sql = `SELECT * FROM ${quoteName(table)}`;
      return await connection.use((database) => readAll(database, sql), true);
    },
    async save(data) {
      const rows = checkRows(data);
      await connection.use((database) => {
        saveRows(database, table, rows, ifExists);
      }, false);
    },
    async exists() {
      try {
        return await connection.use((database) => hasTable(database, table), true);
      } catch (error) {
        if (error instanceof DatasetError && error.code === 'file-not-found') return false;
        throw error;
      }
    },
    release: () => Promise.resolve(),
    describe: () => ({ table_name: table, database: connection.file }),
  };
}

function createQuery(options: DatasetOptions, context: DatasetContext): Dataset {
  const place = placeOf(context);
  const reader = readOptions(options, place, ['sql', 'filepath', 'credentials']);
  const connection = readConnection(reader, context);
  const filepath = reader.text('filepath');
  const given = reader.text('sql');
  if ((given === undefined) === (filepath === undefined)) {
    throw new DatasetError('dataset-invalid', `${place}: give either 'sql' or 'filepath'.`);
  }
  return {
    metadata: context.metadata,
    async load() {
      const sql =
        filepath === undefined
          ? (given ?? '')
          : decodeText(await fileSystemFor(filepath, context.fileSystems).read(filepath));
      return await connection.use((database) => readAll(database, sql), true);
    },
    save: () => Promise.reject(new TypeError("'save' is not supported on SQLQueryDataset.")),
    exists: () => Promise.resolve(false),
    release: () => Promise.resolve(),
    describe: () => ({ sql: given, filepath, database: connection.file }),
  };
}

/**
 * `pandas.SQLTableDataset` and `pandas.SQLQueryDataset`, also as `sql.…`, on SQLite files: tables
 * as lists of rows. For the catalog's `datasetTypes`, on Node.
 */
export const sqliteDatasetTypes: Readonly<Record<string, DatasetFactory>> = {
  'sql.SQLTableDataset': { create: createTable },
  'pandas.SQLTableDataset': { create: createTable },
  'sql.SQLQueryDataset': { create: createQuery },
  'pandas.SQLQueryDataset': { create: createQuery },
};
