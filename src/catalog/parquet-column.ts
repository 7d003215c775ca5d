import type { ColumnKind } from './column-kind.ts';
import { findColumnKind } from './column-kind.ts';
import type { Row } from './rows.ts';
import { valuesOf } from './rows.ts';

interface ParquetColumn {
  readonly name: string;
  readonly data: unknown[];
  readonly type: 'BOOLEAN' | 'DOUBLE' | 'INT64' | 'JSON' | 'STRING' | 'TIMESTAMP';
}

const types = {
  bigint: 'INT64',
  boolean: 'BOOLEAN',
  date: 'TIMESTAMP',
  integer: 'INT64',
  json: 'JSON',
  number: 'DOUBLE',
  string: 'STRING',
} as const satisfies Record<ColumnKind, ParquetColumn['type']>;

/**
 * A column of a table as Parquet holds it: whole numbers as 64-bit integers, as pandas writes
 * them, objects and lists as JSON. Throws `TypeError` when its values are of several kinds.
 */
export function toParquetColumn(name: string, rows: readonly Row[]): ParquetColumn {
  const values = valuesOf(name, rows);
  const kind = findColumnKind(name, values, 'Parquet');
  const isInteger = kind === 'integer' || kind === 'bigint';
  const data = isInteger
    ? values.map((value) => (typeof value === 'number' ? BigInt(value) : value))
    : values;
  return { name, data, type: types[kind ?? 'string'] };
}
