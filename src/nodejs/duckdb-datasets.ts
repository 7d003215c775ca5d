import type {
  Dataset,
  DatasetFactory,
  DatasetContext,
  DatasetOptions,
} from '../catalog/dataset.ts';
import { DatasetError } from '../catalog/dataset-error.ts';
import type { OptionReader } from '../catalog/dataset-options.ts';
import { placeOf, readOptions } from '../catalog/dataset-options.ts';
import type { FileFormat } from '../catalog/file-dataset.ts';
import { createFileDataset } from '../catalog/file-dataset.ts';
import type { FileSystem, LocalFiles } from '../catalog/file-system.ts';
import type { Row } from '../catalog/rows.ts';
import { JsonWriter } from '../runner/json-writer.ts';
import { fileNotFound, fileSystemFor } from '../catalog/file-system.ts';
import type { DuckdbDatabase } from './duckdb-database.ts';
import { quoteName, quoteText, toLiteral } from './duckdb-query.ts';
import { DuckdbRelation } from './duckdb-relation.ts';

const formats = ['csv', 'json', 'parquet', 'arrow', 'feather'];

function localFiles(fileSystem: FileSystem, path: string): LocalFiles {
  if (fileSystem.local !== undefined) return fileSystem.local;
  throw new TypeError(`DuckDB reads and writes files of this machine only, not '${path}'.`);
}

function toArguments(args: Readonly<Record<string, unknown>>, assign: string): readonly string[] {
  return Object.entries(args).map(([name, value]) => {
    if (/^\w+$/u.test(name)) return `${name}${assign}${toLiteral(value)}`;
    throw new TypeError(`'${name}' is no name of an argument.`);
  });
}

function checkRelation(data: unknown): DuckdbRelation {
  if (data instanceof DuckdbRelation) return data;
  throw new TypeError(
    'DuckDB datasets save relations. Return a DuckdbRelation from the node, or save rows with parquet.ParquetDataset or csv.CSVDataset.',
  );
}

function formatOf(reader: OptionReader, context: DatasetContext): string {
  const filepath = reader.requiredText('filepath');
  const format = reader.text('file_format') ?? /\.(?<ending>\w+)$/u.exec(filepath)?.[1] ?? '';
  if (formats.includes(format)) return format;
  throw new DatasetError(
    'dataset-invalid',
    `${placeOf(context)}: 'file_format' has to be one of ${formats.join(', ')}, as '${filepath}' does not end in one.`,
  );
}

/** Arrow files, which DuckDB itself cannot read: their columns go through JavaScript. */
function toArrowFormat(database: DuckdbDatabase): FileFormat {
  return {
    async decode(bytes) {
      const { decodeArrow } = await import('../catalog/arrow-columns.ts');
      const columns = await decodeArrow(bytes, undefined);
      return new DuckdbRelation(database, await database.keepColumns(columns));
    },
    async encode(data) {
      const { encodeArrow } = await import('../catalog/arrow-columns.ts');
      return await encodeArrow(await database.readColumns(checkRelation(data).sql));
    },
  };
}

/** What is wrong with the query is known now, and what its columns are called. */
async function openRelation(database: DuckdbDatabase, sql: string): Promise<DuckdbRelation> {
  const relation = new DuckdbRelation(database, sql);
  await relation.columns();
  return relation;
}

/** `filepath`, `file_format`; `load_args` go to `read_csv` and its like, `save_args` to `COPY`. */
function createDuckdbFile(
  database: DuckdbDatabase,
  options: DatasetOptions,
  context: DatasetContext,
): Dataset {
  const toFormat = (reader: OptionReader): FileFormat => {
    const format = formatOf(reader, context);
    if (format === 'arrow' || format === 'feather') return toArrowFormat(database);
    const loadArgs = toArguments(reader.map('load_args'), ' = ');
    const saveArgs = [`FORMAT ${format}`, ...toArguments(reader.map('save_args'), ' ')];
    const refuse = () => {
      throw new TypeError('DuckDB reads and writes files of this machine only.');
    };
    return {
      decode: refuse,
      encode: refuse,
      async readFrom(fileSystem: FileSystem, path: string) {
        const file = localFiles(fileSystem, path).pathOf(path);
        if (!(await fileSystem.exists(path))) throw fileNotFound(path);
        const call = [quoteText(file), ...loadArgs].join(', ');
        const sql = `SELECT * FROM read_${format}(${call})`;
        return await openRelation(database, sql);
      },
      async writeTo(
        fileSystem: FileSystem,
        path: string,
        data: unknown,
        writing: { readonly mustBeNew?: boolean | undefined },
      ) {
        const { sql } = checkRelation(data);
        const fill = async (place: string) =>
          await database.run(`COPY (${sql}) TO ${quoteText(place)} (${saveArgs.join(', ')})`);
        await localFiles(fileSystem, path).writeBy(path, fill, writing);
      },
    };
  };
  return createFileDataset(options, context, toFormat, ['file_format']);
}

/** A table of a database file, or of the database in memory, that is replaced when it is saved. */
function createDuckdbTable(
  database: DuckdbDatabase,
  options: DatasetOptions,
  context: DatasetContext,
): Dataset {
  const reader = readOptions(options, placeOf(context), ['table_name', 'database']);
  const name = reader.requiredText('table_name');
  const file = reader.text('database');
  const table = async () => {
    const catalog = file === undefined ? 'memory' : await attach(database, file, context);
    return `${quoteName(catalog)}.main.${quoteName(name)}`;
  };
  const load = async () => {
    const sql = `SELECT * FROM ${await table()}`;
    return await openRelation(database, sql);
  };
  return {
    metadata: context.metadata,
    ephemeral: file === undefined,
    load,
    async save(data) {
      await database.run(`CREATE OR REPLACE TABLE ${await table()} AS ${checkRelation(data).sql}`);
    },
    async exists() {
      return await load().then(
        () => true,
        () => false,
      );
    },
    release: () => Promise.resolve(),
    describe: () => ({ table_name: name, database: file }),
  };
}

/** What a query of files, or of tables in memory, gives; it is only loaded. */
function createDuckdbQuery(
  database: DuckdbDatabase,
  options: DatasetOptions,
  context: DatasetContext,
): Dataset {
  const sql = readOptions(options, placeOf(context), ['sql']).requiredText('sql');
  return {
    metadata: context.metadata,
    async load() {
      return await openRelation(database, sql);
    },
    save: () => Promise.reject(new TypeError("'save' is not supported on a query.")),
    exists: () => Promise.resolve(true),
    release: () => Promise.resolve(),
    describe: () => ({ sql }),
  };
}

async function attach(
  database: DuckdbDatabase,
  file: string,
  context: DatasetContext,
): Promise<string> {
  const local = localFiles(fileSystemFor(file, context.fileSystems), file);
  return await database.attach(local.pathOf(file));
}

/** Rows that a run brings become a relation, as all else that these datasets give. */
function withRows(database: DuckdbDatabase, dataset: Dataset): Dataset {
  return Object.assign(dataset, {
    fromRows: async (rows: readonly Row[]) => {
      const writer = new JsonWriter(Number.POSITIVE_INFINITY);
      writer.write(rows);
      return new DuckdbRelation(database, await database.keepRows(writer.text));
    },
  });
}

/**
 * Dataset types whose values are relations of one database: `duckdb.FileDataset`,
 * `duckdb.TableDataset`, `duckdb.QueryDataset`. For the catalog's `datasetTypes`.
 */
export function duckdbDatasetTypes(
  database: DuckdbDatabase,
): Readonly<Record<string, DatasetFactory>> {
  return {
    'duckdb.FileDataset': {
      create: (options, context) =>
        withRows(database, createDuckdbFile(database, options, context)),
    },
    'duckdb.TableDataset': {
      create: (options, context) =>
        withRows(database, createDuckdbTable(database, options, context)),
    },
    'duckdb.QueryDataset': {
      create: (options, context) =>
        withRows(database, createDuckdbQuery(database, options, context)),
    },
  };
}
