import type { Client as PostgresClient, Pool, PoolClient } from 'pg';

import { columnsOf, type Row, withNumbers } from '../catalog/rows.ts';
import { bindParams, createTypeParsers, toColumnType, toJsonRows } from './postgres-values.ts';
import {
  type IfExists,
  noColumns,
  quoteSqlName,
  selectColumns,
  type SqlDatabase,
  type SqlQuery,
  tableExists,
  type TableName,
} from './sql-database.ts';

/** One PostgreSQL database, with connections that are kept until it is closed. */
export interface PostgresDatabase extends SqlDatabase {
  /** Ends what is being asked; nothing can be asked afterwards. */
  close(): Promise<void>;
}

/** For 16 nodes at once, each of which may read rows in lists while it saves others. */
const maxConnections = 32;
const connectTimeoutMs = 30_000;
const cancelTimeoutMs = 2000;
/** Rows of one `INSERT`, which is one text. */
const rowsAtOnce = 5000;

function fullName({ table, schema }: TableName): string {
  return schema === undefined
    ? quoteSqlName(table)
    : `${quoteSqlName(schema)}.${quoteSqlName(table)}`;
}

async function loadDriver() {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    throw new Error("PostgreSQL needs the package 'pg'. Run 'npm install pg'.", { cause });
  }
}

/** Where the database is, without user, password and options. */
function toShown(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `postgresql://${host}${pathname}`;
  } catch {
    return 'postgresql://';
  }
}

/** All that is said when several addresses of a host refuse is said by the errors inside. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

async function fill(
  client: PoolClient,
  name: TableName,
  rows: readonly Row[],
  ifExists: IfExists,
): Promise<void> {
  const names = columnsOf(rows);
  if (names.length === 0) throw noColumns();
  const table = fullName(name);
  const isThere = await isTable(client, name);
  if (isThere && ifExists === 'fail') throw tableExists(name.table);
  if (isThere && ifExists === 'replace') await client.query(`DROP TABLE ${table}`);
  if (!isThere || ifExists === 'replace') {
    const columns = names.map((each) => `${quoteSqlName(each)} ${toColumnType(each, rows)}`);
    await client.query(`CREATE TABLE ${table} (${columns.join(', ')})`);
  }
  const columns = names.map(quoteSqlName).join(', ');
  const insert = `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1::json)`;
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await client.query(insert, [toJsonRows(rows.slice(from, from + rowsAtOnce))]);
  }
}

async function isTable(client: PoolClient, name: TableName): Promise<boolean> {
  const sql = 'SELECT to_regclass($1) IS NOT NULL AS there';
  const { rows } = await client.query<{ there: boolean }>(sql, [fullName(name)]);
  return rows[0]?.there === true;
}

/** Creates what connects to `url`, `postgresql://user:password@host:port/name`, on first use. */
export function createPostgresDatabase(url: string): PostgresDatabase {
  const shown = toShown(url);
  const busy = new Set<PoolClient>();
  let opening: Promise<Pool> | undefined;
  let isClosed = false;

  async function open(): Promise<Pool> {
    const pg = await loadDriver();
    const pool = new pg.Pool({
      connectionString: url,
      application_name: 'kedro-server',
      max: maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      types: createTypeParsers(pg.types),
    });
    // A connection that is lost while it waits is replaced; without a listener it ends the process.
    pool.on('error', () => undefined);
    return pool;
  }

  async function connect(): Promise<PoolClient> {
    if (isClosed) throw new Error('The run is over, and its connection with it.');
    try {
      const client = await (await (opening ??= open())).connect();
      client.on('error', () => undefined);
      busy.add(client);
      return client;
    } catch (cause) {
      throw new Error(`Cannot connect to ${shown}: ${reasonOf(cause)}`, { cause });
    }
  }

  function leave(client: PoolClient, isBroken: boolean): void {
    if (busy.delete(client)) client.release(isBroken);
  }

  async function use<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await connect();
    let isBroken = true;
    try {
      const result = await run(client);
      isBroken = false;
      return result;
    } finally {
      leave(client, isBroken);
    }
  }

  async function ask(client: PoolClient, text: string, values: unknown[] = []) {
    // By the extended protocol, which takes one statement and no more.
    const query = { text, values, queryMode: 'extended' } as const;
    return client.query<Record<string, unknown>>(query);
  }

  async function* readPieces(query: SqlQuery, size: number) {
    const client = await connect();
    let isBroken = true;
    try {
      const { text, values } = bindParams(query);
      await client.query('BEGIN');
      await ask(client, `DECLARE piece NO SCROLL CURSOR FOR ${text}`, values);
      for (;;) {
        const { rows } = await ask(client, `FETCH ${size} FROM piece`);
        if (rows.length > 0) yield withNumbers(rows);
        if (rows.length < size) break;
      }
      await client.query('COMMIT');
      isBroken = false;
    } finally {
      leave(client, isBroken);
    }
  }

  /** A server goes on with what it was asked when its client is gone, unless it is told. */
  async function cancelBusy(): Promise<void> {
    const { Client } = await loadDriver();
    const client: PostgresClient = new Client({
      connectionString: url,
      connectionTimeoutMillis: cancelTimeoutMs,
      query_timeout: cancelTimeoutMs,
    });
    client.on('error', () => undefined);
    const ids = Array.from(busy, (each) => ('processID' in each ? each.processID : null));
    try {
      await client.connect();
      await client.query('SELECT pg_cancel_backend(id) FROM unnest($1::int[]) AS id', [ids]);
    } catch {
      // Whoever cannot be reached is not worked for either.
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  return {
    shown,
    query: async (query) =>
      use(async (client) => {
        const { text, values } = bindParams(query);
        return withNumbers((await ask(client, text, values)).rows);
      }),
    pieces: readPieces,
    selectFrom: (name, columns) => selectColumns(fullName(name), columns),
    hasTable: async (name) => use(async (client) => isTable(client, name)),
    saveRows: async (name, rows, ifExists) =>
      use(async (client) => {
        await client.query('BEGIN');
        await fill(client, name, rows, ifExists);
        await client.query('COMMIT');
      }),
    async close() {
      isClosed = true;
      if (opening === undefined) return;
      const pool = await opening.catch(() => null);
      if (busy.size > 0) await cancelBusy();
      for (const client of busy) leave(client, true);
      await pool?.end();
    },
  };
}
