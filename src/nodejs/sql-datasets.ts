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
import { fileSystemFor } from '../catalog/file-system.ts';
import { isPlainObject } from '../catalog/plain-object.ts';
import { checkRows, type Row } from '../catalog/rows.ts';
import type { IfExists, QueryParams, SqlDatabase, SqlQuery } from './sql-database.ts';
import { createSqliteDatabase } from './sqlite-database.ts';

/** Gives the PostgreSQL database of a URL. */
export type OpenPostgres = (url: string) => SqlDatabase;

function invalid(context: DatasetContext, problem: string): DatasetError {
  return new DatasetError('dataset-invalid', `${placeOf(context)}: ${problem}`);
}

/** `sqlite:///data/a.db` from the project, `sqlite:////srv/a.db`, or `postgresql://host/name`. */
function readDatabase(
  reader: OptionReader,
  context: DatasetContext,
  openPostgres: OpenPostgres,
): SqlDatabase {
  const credentials = reader.raw('credentials');
  const con = isPlainObject(credentials) ? credentials['con'] : undefined;
  const text = typeof con === 'string' ? con : '';
  const postgres = /^postgres(?:ql)?(?:\+\w+)?:\/\/(?<rest>.*)$/su.exec(text)?.groups?.['rest'];
  if (postgres !== undefined) return openPostgres(`postgresql://${postgres}`);
  const file = /^sqlite:\/\/\/(?<file>.+)$/u.exec(text)?.groups?.['file'];
  if (file === undefined) {
    throw invalid(
      context,
      "its credentials need 'con: postgresql://user:password@host:5432/name' or 'con: sqlite:///path/to/file.db'. Other databases want a dataset of your own, given to the settings' datasetTypes.",
    );
  }
  const fileSystem = fileSystemFor(file, context.fileSystems);
  const path = fileSystem.local?.pathOf(file);
  if (path === undefined) throw invalid(context, `'${file}' is no local file.`);
  return createSqliteDatabase(file, path, fileSystem);
}

function readChunkSize(loadArgs: OptionReader, context: DatasetContext): number | undefined {
  const size = loadArgs.number('chunksize');
  if (size === undefined || (Number.isInteger(size) && size > 0)) return size;
  throw invalid(context, "'chunksize' of load_args has to be a whole number of rows.");
}

function isIfExists(value: string): value is IfExists {
  return ['fail', 'replace', 'append'].includes(value);
}

function readIfExists(saveArgs: OptionReader, context: DatasetContext): IfExists {
  const ifExists = saveArgs.text('if_exists') ?? 'fail';
  if (isIfExists(ifExists) && saveArgs.flag('index') !== true) return ifExists;
  throw invalid(
    context,
    "save_args take 'if_exists: fail', 'replace' or 'append', and 'index: false'.",
  );
}

function readParams(loadArgs: OptionReader, context: DatasetContext): QueryParams | undefined {
  const params = loadArgs.raw('params');
  if (params === undefined || params === null) return undefined;
  if (Array.isArray(params) || isPlainObject(params)) return params;
  throw invalid(context, "'params' of load_args has to be a list of values, or a map of them.");
}

async function* inOnePiece(rows: readonly Row[]) {
  yield rows;
}

/** `load`, and what a run's own rows become: all rows, or with `chunksize` lists of them. */
function loading(
  database: SqlDatabase,
  chunkSize: number | undefined,
  toQuery: () => SqlQuery | Promise<SqlQuery>,
): Pick<Dataset, 'load' | 'fromRows'> {
  if (chunkSize === undefined) return { load: async () => database.query(await toQuery()) };
  return {
    load: async () => database.pieces(await toQuery(), chunkSize),
    fromRows: async (rows) => inOnePiece(rows),
  };
}

function createTable(
  options: DatasetOptions,
  context: DatasetContext,
  openPostgres: OpenPostgres,
): Dataset {
  const place = placeOf(context);
  const known = ['table_name', 'credentials', 'load_args', 'save_args'];
  const reader = readOptions(options, place, known);
  const table = reader.requiredText('table_name');
  const database = readDatabase(reader, context, openPostgres);
  const loadArgs = readOptions(reader.map('load_args'), `${place}, load_args`, [
    'schema',
    'columns',
    'chunksize',
  ]);
  const saveArgs = readOptions(reader.map('save_args'), `${place}, save_args`, [
    'schema',
    'if_exists',
    'index',
  ]);
  const ifExists = readIfExists(saveArgs, context);
  const loaded = { table, schema: loadArgs.text('schema') };
  const saved = { table, schema: saveArgs.text('schema') };
  const query = database.selectFrom(loaded, loadArgs.texts('columns'));
  return {
    metadata: context.metadata,
    ...loading(database, readChunkSize(loadArgs, context), () => query),
    save: async (data) => database.saveRows(saved, checkRows(data), ifExists),
    exists: async () => database.hasTable(loaded),
    release: () => Promise.resolve(),
    describe: () => ({ table_name: table, database: database.shown }),
  };
}

function createQuery(
  options: DatasetOptions,
  context: DatasetContext,
  openPostgres: OpenPostgres,
): Dataset {
  const place = placeOf(context);
  const reader = readOptions(options, place, ['sql', 'filepath', 'credentials', 'load_args']);
  const database = readDatabase(reader, context, openPostgres);
  const filepath = reader.text('filepath');
  const given = reader.text('sql');
  if ((given === undefined) === (filepath === undefined)) {
    throw invalid(context, "give either 'sql' or 'filepath'.");
  }
  const loadArgs = readOptions(reader.map('load_args'), `${place}, load_args`, [
    'params',
    'chunksize',
  ]);
  const params = readParams(loadArgs, context);
  const toQuery = async (): Promise<SqlQuery> => ({
    sql:
      filepath === undefined
        ? (given ?? '')
        : decodeText(await fileSystemFor(filepath, context.fileSystems).read(filepath)),
    params,
  });
  return {
    metadata: context.metadata,
    ...loading(database, readChunkSize(loadArgs, context), toQuery),
    save: () => Promise.reject(new TypeError("'save' is not supported on SQLQueryDataset.")),
    exists: () => Promise.resolve(false),
    release: () => Promise.resolve(),
    describe: () => ({ sql: given, filepath, database: database.shown }),
  };
}

/**
 * `pandas.SQLTableDataset` and `pandas.SQLQueryDataset`, also as `sql.…`, on SQLite files and
 * PostgreSQL: tables as lists of rows, or with `chunksize` as an async iterable of such lists.
 */
export function sqlDatasetTypes(
  openPostgres: OpenPostgres,
): Readonly<Record<string, DatasetFactory>> {
  const table: DatasetFactory = {
    create: (options, context) => createTable(options, context, openPostgres),
  };
  const query: DatasetFactory = {
    create: (options, context) => createQuery(options, context, openPostgres),
  };
  return {
    'sql.SQLTableDataset': table,
    'pandas.SQLTableDataset': table,
    'sql.SQLQueryDataset': query,
    'pandas.SQLQueryDataset': query,
  };
}
