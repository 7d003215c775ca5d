import type { Row } from './rows.ts';

interface ParquetColumn {
  readonly name: string;
  readonly data: unknown[];
  readonly type: 'BOOLEAN' | 'DOUBLE' | 'INT64' | 'JSON' | 'STRING' | 'TIMESTAMP';
}

type Kind = 'bigint' | 'boolean' | 'date' | 'integer' | 'json' | 'number' | 'string';

function kindOf(value: unknown): Kind | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'bigint';
  if (value instanceof Date) return 'date';
  return typeof value === 'object' ? 'json' : undefined;
}

const types = {
  bigint: 'INT64',
  boolean: 'BOOLEAN',
  date: 'TIMESTAMP',
  integer: 'INT64',
  json: 'JSON',
  number: 'DOUBLE',
  string: 'STRING',
} as const satisfies Record<Kind, ParquetColumn['type']>;

/** The kind that holds both, where there is one. */
function join(left: Kind, right: Kind): Kind | undefined {
  if (left === right) return left;
  const both = new Set([left, right]);
  if (both.has('integer') && both.has('number')) return 'number';
  return both.has('integer') && both.has('bigint') ? 'bigint' : undefined;
}

/**
 * A column of a table as Parquet holds it: whole numbers as 64-bit integers, as pandas writes
 * them, objects and lists as JSON. Throws `TypeError` when its values are of several kinds.
 */
export function toParquetColumn(name: string, rows: readonly Row[]): ParquetColumn {
  const values = rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null));
  let kind: Kind | undefined;
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const found = kindOf(value);
    const joined = found !== undefined && kind !== undefined ? join(kind, found) : found;
    if (joined === undefined) {
      throw new TypeError(
        `Parquet cannot hold the column '${name}': row ${index + 1} has '${found ?? typeof value}'${kind === undefined ? '' : ` after '${kind}'`}. Make its values of one kind in the node.`,
      );
    }
    kind = joined;
  }
  const isInteger = kind === 'integer' || kind === 'bigint';
  const data = isInteger
    ? values.map((value) => (typeof value === 'number' ? BigInt(value) : value))
    : values;
  return { name, data, type: types[kind ?? 'string'] };
}
