import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';

import type { Columns, Values } from '../catalog/arrow-columns.ts';
import type { ColumnKind } from '../catalog/column-kind.ts';
import { findColumnKind } from '../catalog/column-kind.ts';
import { quoteName } from './duckdb-query.ts';

/** As many rows as DuckDB works on at once. */
const chunkRows = 2048;

interface ColumnType {
  readonly type: DuckDBType;
  toValue(value: unknown): DuckDBValue;
}

function keep(value: unknown): DuckDBValue {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function toBigint(value: unknown): DuckDBValue {
  return typeof value === 'number' ? BigInt(value) : keep(value);
}

async function typesOfDuckdb() {
  const duckdb = await import('@duckdb/node-api');
  const plain = (type: DuckDBType): ColumnType => ({ type, toValue: keep });
  const bigint: ColumnType = { type: duckdb.BIGINT, toValue: toBigint };
  const arrays = new Map<string, ColumnType>([
    ['Int8Array', plain(duckdb.TINYINT)],
    ['Uint8Array', plain(duckdb.UTINYINT)],
    ['Int16Array', plain(duckdb.SMALLINT)],
    ['Uint16Array', plain(duckdb.USMALLINT)],
    ['Int32Array', plain(duckdb.INTEGER)],
    ['Uint32Array', plain(duckdb.UINTEGER)],
    ['Float32Array', plain(duckdb.FLOAT)],
    ['Float64Array', plain(duckdb.DOUBLE)],
    ['BigInt64Array', bigint],
    ['BigUint64Array', plain(duckdb.UBIGINT)],
  ]);
  const lists: Readonly<Record<ColumnKind, ColumnType>> = {
    bigint,
    integer: bigint,
    number: plain(duckdb.DOUBLE),
    boolean: plain(duckdb.BOOLEAN),
    string: plain(duckdb.VARCHAR),
    date: {
      type: duckdb.TIMESTAMP_MS,
      toValue: (value) =>
        value instanceof Date
          ? new duckdb.DuckDBTimestampMillisecondsValue(BigInt(value.getTime()))
          : null,
    },
    json: { type: duckdb.VARCHAR, toValue: (value) => JSON.stringify(value) ?? null },
  };
  return (name: string, values: Values): ColumnType =>
    arrays.get(values.constructor.name) ??
    lists[findColumnKind(name, Array.from<unknown>(values), 'DuckDB') ?? 'string'];
}

/** Puts columns into a new table of the database in memory. Throws `TypeError` for columns of several kinds. */
export async function createTableOfColumns(
  connection: DuckDBConnection,
  table: string,
  columns: Columns,
): Promise<void> {
  const { DuckDBDataChunk } = await import('@duckdb/node-api');
  const toType = await typesOfDuckdb();
  const typed = Object.entries(columns).map(([name, values]) => ({
    name,
    values,
    column: toType(name, values),
  }));
  const list = typed.map(({ name, column }) => `${quoteName(name)} ${column.type.toString()}`);
  await connection.run(`CREATE TABLE memory.main.${table} (${list.join(', ')})`);
  const appender = await connection.createAppender(table, 'main', 'memory');
  const rowCount = typed[0]?.values.length ?? 0;
  const chunk = DuckDBDataChunk.create(typed.map(({ column }) => column.type));
  for (let start = 0; start < rowCount; start += chunkRows) {
    chunk.reset();
    chunk.rowCount = Math.min(chunkRows, rowCount - start);
    for (const [index, { values, column }] of typed.entries()) {
      const slice: readonly unknown[] = Array.from<unknown>(values.slice(start, start + chunkRows));
      chunk.setColumnValues(index, slice.map(column.toValue));
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
