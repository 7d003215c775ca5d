import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Columns } from '../catalog/arrow-columns.ts';
import type { Row } from '../catalog/rows.ts';
import { withNumbers } from '../catalog/rows.ts';
import { createTableOfColumns } from './duckdb-columns.ts';
import { quoteName, quoteText } from './duckdb-query.ts';
import type { RelationSource } from './duckdb-relation.ts';

export interface DuckdbOptions {
  /** Memory for tables, such as `500MB`; beyond it they go to the disk. DuckDB's default: 80 %. */
  readonly memoryLimit?: string | undefined;
  /** Default: one a core. */
  readonly threads?: number | undefined;
}

export interface DuckdbDatabase extends RelationSource {
  run(sql: string): Promise<void>;
  /** A query of the rows that a JSON text has, a list of objects, with types that fit them. */
  keepRows(json: string): Promise<string>;
  /** Columns as a table that lives as long as the database is open; gives what selects it. */
  keepColumns(columns: Columns): Promise<string>;
  /** A query's columns, computed and copied into JavaScript. */
  readColumns(sql: string): Promise<Columns>;
  /** The name under which a database file is attached. */
  attach(file: string): Promise<string>;
  /** Interrupts what is being asked; nothing can be asked afterwards. */
  close(): Promise<void>;
}

/** Buffers go back to the system when they are done with: a server has more to do than this run. */
const keptBufferMemory = '1MB';

/** An interruption before a query has begun is lost. */
const interruptAgainMs = 50;

async function createInstance(settings: Record<string, string>): Promise<DuckDBInstance> {
  try {
    const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
    return await Instance.create(':memory:', settings);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`DuckDB cannot be used: ${reason}\nRun 'npm install @duckdb/node-api'.`, {
      cause,
    });
  }
}

/** DuckDB's own, but for columns that have no value in any row: these are texts. */
function toStructure(found: unknown): string {
  const withoutNull = (type: unknown): unknown => {
    if (type === 'NULL') return 'VARCHAR';
    if (Array.isArray(type)) return type.map(withoutNull);
    if (typeof type !== 'object' || type === null) return type;
    return Object.fromEntries(
      Object.entries(type).map(([name, each]) => [name, withoutNull(each)]),
    );
  };
  return JSON.stringify(withoutNull(JSON.parse(String(found))));
}

/** A database in memory that is opened on first use; each query has a connection of its own. */
export function createDuckdbDatabase(options: DuckdbOptions = {}): DuckdbDatabase {
  /** Where tables overflow to; undefined until the database is opened. */
  let overflow: string | undefined;
  let opening: Promise<DuckDBInstance> | undefined;
  let closing: Promise<void> | undefined;
  let keptCount = 0;
  const attached = new Map<string, Promise<string>>();
  const busy = new Map<DuckDBConnection, Promise<unknown>>();

  function checkOpen(): void {
    if (closing !== undefined) throw new Error('The DuckDB database is closed; its run has ended.');
  }

  async function open(): Promise<DuckDBInstance> {
    const { memoryLimit, threads } = options;
    overflow = path.join(tmpdir(), `kedro-server-duckdb-${randomUUID()}`);
    return await createInstance({
      temp_directory: overflow,
      allocator_bulk_deallocation_flush_threshold: keptBufferMemory,
      ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
      ...(threads === undefined ? {} : { threads: String(threads) }),
    });
  }

  async function connect(): Promise<DuckDBConnection> {
    checkOpen();
    opening ??= open();
    const connection = await (await opening).connect();
    if (closing !== undefined) connection.closeSync();
    checkOpen();
    return connection;
  }

  /** What the connection is at can be interrupted. */
  async function during<T>(connection: DuckDBConnection, work: Promise<T>): Promise<T> {
    busy.set(connection, work);
    try {
      return await work;
    } finally {
      busy.delete(connection);
    }
  }

  async function withConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await connect();
    try {
      return await during(connection, use(connection));
    } finally {
      connection.closeSync();
    }
  }

  async function run(sql: string): Promise<void> {
    await withConnection(async (connection) => await connection.run(sql));
  }

  async function attachOnce(file: string): Promise<string> {
    const name = `file${attached.size}`;
    await run(`ATTACH ${quoteText(file)} AS ${quoteName(name)}`);
    return name;
  }

  async function close(): Promise<void> {
    if (overflow === undefined) return;
    const instance = await opening?.catch(() => undefined);
    const interrupt = (): void => {
      for (const connection of busy.keys()) connection.interrupt();
    };
    interrupt();
    const again = setInterval(interrupt, interruptAgainMs);
    await Promise.allSettled(busy.values());
    clearInterval(again);
    instance?.closeSync();
    await rm(overflow, { recursive: true, force: true });
  }

  return {
    run,
    async rows(sql): Promise<readonly Row[]> {
      return await withConnection(async (connection) => {
        const reader = await connection.runAndReadAll(sql);
        return withNumbers(reader.getRowObjectsJS());
      });
    },
    async *batches(sql) {
      const connection = await connect();
      try {
        const result = await during(connection, connection.stream(sql));
        const batches = result.yieldRowObjectJs();
        for (;;) {
          const batch = await during(connection, batches.next());
          if (batch.done === true) return;
          yield withNumbers(batch.value);
        }
      } finally {
        connection.closeSync();
      }
    },
    async columns(sql) {
      return await withConnection(async (connection) => {
        const described = await connection.runAndReadAll(`DESCRIBE ${sql}`);
        return described.getRows().map(([name]) => String(name));
      });
    },
    async keep(sql) {
      keptCount += 1;
      const table = `memory.main.kept_${keptCount}`;
      await run(`CREATE TABLE ${table} AS ${sql}`);
      return `SELECT * FROM ${table}`;
    },
    async keepRows(json) {
      keptCount += 1;
      const table = `memory.main.kept_${keptCount}`;
      await withConnection(async (connection) => {
        const found = await connection.runAndReadAll('SELECT json_structure($1)', [json]);
        const structure = quoteText(toStructure(found.getRows()[0]?.[0]));
        const rowsOf = (text: string): string =>
          `SELECT unnest(row) FROM (SELECT unnest(from_json(${text}, ${structure})) AS row)`;
        // What makes a table takes no values.
        await connection.run(`CREATE TABLE ${table} AS ${rowsOf("'[]'")}`);
        await connection.run(`INSERT INTO ${table} ${rowsOf('$1')}`, [json]);
      });
      return `SELECT * FROM ${table}`;
    },
    async keepColumns(columns) {
      keptCount += 1;
      const table = `kept_${keptCount}`;
      await withConnection(
        async (connection) => await createTableOfColumns(connection, table, columns),
      );
      return `SELECT * FROM memory.main.${table}`;
    },
    async readColumns(sql) {
      return await withConnection(async (connection) => {
        const reader = await connection.runAndReadAll(sql);
        const columns = reader.getColumnsJS();
        return Object.fromEntries(
          reader.columnNames().map((name, at) => [name, columns[at] ?? []]),
        );
      });
    },
    attach(file) {
      const known = attached.get(file);
      if (known !== undefined) return known;
      const attaching = attachOnce(file);
      attached.set(file, attaching);
      attaching.catch(() => attached.delete(file));
      return attaching;
    },
    async close() {
      closing ??= close();
      await closing;
    },
  };
}
