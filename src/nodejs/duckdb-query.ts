import { DuckdbRelation } from './duckdb-relation.ts';

/** What may stand in SQL: a relation to read from, a piece of SQL, a value, or several of these. */
export type SqlPart =
  | DuckdbRelation
  | Sql
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly SqlPart[];

/** A piece of SQL, made by `sql` or `column`. */
export class Sql {
  readonly pieces: readonly (string | DuckdbRelation)[];

  constructor(pieces: readonly (string | DuckdbRelation)[]) {
    this.pieces = pieces;
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Numbers are what they are in JavaScript: DuckDB takes `0.1` for a decimal, `0.1e0` not. */
function quoteNumber(value: number): string {
  if (!Number.isFinite(value)) return `'${value}'::DOUBLE`;
  const text = String(value);
  return Number.isSafeInteger(value) || text.includes('e') ? text : `${text}e0`;
}

/** A value as SQL has it. Throws `TypeError` for one that SQL cannot hold. */
export function toLiteral(value: unknown): string {
  if (typeof value === 'string') return quoteText(value);
  if (typeof value === 'number') return quoteNumber(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `[${value.map(toLiteral).join(', ')}]`;
  throw new TypeError(`SQL has no such value: ${JSON.stringify(value) ?? typeof value}.`);
}

function join(parts: readonly SqlPart[]): readonly (string | DuckdbRelation)[] {
  return parts.flatMap((part, index) => [...(index === 0 ? [] : [', ']), ...toPieces(part)]);
}

function toPieces(part: SqlPart): readonly (string | DuckdbRelation)[] {
  if (part instanceof Sql) return part.pieces;
  if (part instanceof DuckdbRelation) return [part];
  if (!isList(part)) return [toLiteral(part)];
  const isOfSql = part.length > 0 && part.every((each) => each instanceof Sql);
  return isOfSql ? join(part) : ['[', ...join(part), ']'];
}

function isList(part: SqlPart): part is readonly SqlPart[] {
  return Array.isArray(part);
}

/**
 * A piece of SQL for a `query`. Values become literals, so that none is taken for SQL; a list of
 * pieces becomes those pieces with commas between, a list of values a list of DuckDB.
 */
export function sql(texts: TemplateStringsArray, ...parts: readonly SqlPart[]): Sql {
  return new Sql(
    texts.flatMap((text, index) => [text, ...parts.slice(index, index + 1).flatMap(toPieces)]),
  );
}

/** The name of a column, or of anything else in a database, also one that needs quotes. */
export function column(name: string): Sql {
  return new Sql([quoteName(name)]);
}

/**
 * What a query of relations gives, not computed yet:
 * ``query`SELECT carrier, avg(delay) FROM ${flights} WHERE delay > ${least} GROUP BY ALL` ``.
 * What may stand in it is what may stand in `sql`. Throws `TypeError` when it reads from no
 * relation, or from those of several databases.
 */
export function query(texts: TemplateStringsArray, ...parts: readonly SqlPart[]): DuckdbRelation {
  return DuckdbRelation.fromPieces(sql(texts, ...parts).pieces);
}
