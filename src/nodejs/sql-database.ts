import type { Row } from '../catalog/rows.ts';

export interface TableName {
  readonly table: string;
  /** The database's own where it is not given. */
  readonly schema: string | undefined;
}

/** Values of a query: in order, or by name. They are bound, never written into the SQL. */
export type QueryParams = readonly unknown[] | Readonly<Record<string, unknown>>;

export interface SqlQuery {
  readonly sql: string;
  readonly params: QueryParams | undefined;
}

/** What to do where the table is there already. */
export type IfExists = 'fail' | 'replace' | 'append';

/** Tables and queries of one database. Rows have 64-bit integers as numbers where that is exact. */
export interface SqlDatabase {
  /** Which database it is, without credentials. */
  readonly shown: string;
  query(query: SqlQuery): Promise<readonly Row[]>;
  /** Lists of `size` rows, the last one of fewer; each is asked for when the one before is used. */
  pieces(query: SqlQuery, size: number): AsyncIterable<readonly Row[]>;
  /** What selects `columns`, all where they are not given. */
  selectFrom(name: TableName, columns: readonly string[] | undefined): SqlQuery;
  hasTable(name: TableName): Promise<boolean>;
  /** All rows or none. */
  saveRows(name: TableName, rows: readonly Row[], ifExists: IfExists): Promise<void>;
}

/** A name in SQL, as SQLite and PostgreSQL both take it. */
export function quoteSqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What selects `columns`, all where they are not given, of a table whose name is quoted. */
export function selectColumns(table: string, columns: readonly string[] | undefined): SqlQuery {
  const sql = `SELECT ${columns?.map(quoteSqlName).join(', ') ?? '*'} FROM ${table}`;
  return { sql, params: undefined };
}

export function tableExists(table: string): TypeError {
  return new TypeError(
    `There is a table '${table}' already. Set save_args: { if_exists: replace } or append.`,
  );
}

export function noColumns(): TypeError {
  return new TypeError('There are no rows to take the columns from.');
}
