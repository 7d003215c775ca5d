import { findColumnKind } from '../catalog/column-kind.ts';
import { isPlainObject } from '../catalog/plain-object.ts';
import { type Row, valuesOf } from '../catalog/rows.ts';
import type { SqlQuery } from './sql-database.ts';

/** Numbers of types in every PostgreSQL's `pg_type`, each with that of its arrays. */
const types = {
  bigint: [20, 1016],
  date: [1082, 1182],
  timestamp: [1114, 1115],
  numeric: [1700, 1231],
} as const;
const textArray = 1009;

type Parser = (text: string) => unknown;

/** What the driver asks for how a type's values are read. */
export interface TypeParsers {
  getTypeParser(type: number, format?: 'text' | 'binary'): Parser;
}

/** A time without a zone is one in UTC, whatever zone the machine is in; `infinity` stays a text. */
function toDate(text: string): Date | string {
  const found = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}:\d{2}(?:\.\d+)?))?$/u.exec(text);
  return found === null ? text : new Date(`${found[1]}T${found[2] ?? '00:00:00'}Z`);
}

const parsers: readonly (readonly [types: readonly [number, number], Parser])[] = [
  [types.bigint, BigInt],
  // As pandas has it by default.
  [types.numeric, Number],
  [types.date, toDate],
  [types.timestamp, toDate],
];

function inArrays(parse: Parser, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => inArrays(parse, each));
  return typeof value === 'string' ? parse(value) : value;
}

/** Reads values as nodes have them; `others` has what the driver reads well by itself. */
export function createTypeParsers(others: TypeParsers): TypeParsers {
  const parseTexts = others.getTypeParser(textArray);
  const own = new Map(
    parsers.flatMap(([[type, arrayType], parse]) => [
      [type, parse],
      [arrayType, (text: string) => inArrays(parse, parseTexts(text))],
    ]),
  );
  return { getTypeParser: (type, format) => own.get(type) ?? others.getTypeParser(type, format) };
}

/** The type of a new column for these values. Throws `TypeError` for values of several kinds. */
export function toColumnType(name: string, rows: readonly Row[]): string {
  const values = valuesOf(name, rows);
  const kind = findColumnKind(name, values, 'PostgreSQL');
  switch (kind) {
    case 'integer':
      return 'bigint';
    case 'bigint': {
      const isLong = (value: unknown) =>
        typeof value !== 'bigint' || BigInt.asIntN(64, value) === value;
      return values.every(isLong) ? 'bigint' : 'numeric';
    }
    case 'number':
      return 'double precision';
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'timestamp with time zone';
    case 'json':
      return values.some((value) => value instanceof Uint8Array) ? 'bytea' : 'jsonb';
    case 'string':
    case undefined:
      return 'text';
  }
}

function toJsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  return value;
}

/** Rows as PostgreSQL's `json_populate_recordset` takes them. */
export function toJsonRows(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toJsonValue(value)])),
    ),
  );
}

/**
 * The query as PostgreSQL's protocol has it. As well as `$1` it may have psycopg's places, `%s` for
 * the next of a list and `%(name)s` for one of a map; `%%` is then one `%`. Throws `TypeError` for
 * a place without a value.
 */
export function bindParams({ sql, params }: SqlQuery): { text: string; values: unknown[] } {
  if (params === undefined) return { text: sql, values: [] };
  const isNamed = isPlainObject(params);
  const values: unknown[] = isNamed ? [] : [...params];
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    if (!isNamed || !Object.hasOwn(params, name)) {
      throw new TypeError(`The query asks for '%(${name})s', which 'params' does not have.`);
    }
    numbers.set(name, values.push(params[name]));
    return values.length;
  };
  let next = 0;
  const text = sql.replaceAll(/%(?:\((\w+)\)s|[s%])/gu, (place, name: string | undefined) => {
    if (place === '%%') return '%';
    if (name !== undefined) return `$${numberOf(name)}`;
    next += 1;
    if (!isNamed && next <= params.length) return `$${next}`;
    throw new TypeError(`The query has more '%s' than the list 'params' has values.`);
  });
  return { text, values };
}
