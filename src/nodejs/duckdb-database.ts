import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

import type { Row } from '../catalog/rows.ts';
import { withNumbers } from '../catalog/rows.ts';
import type { RelationSource } from './duckdb-relation.ts';
import { quoteName, quoteText } from './duckdb-relation.ts';

export interface DuckdbDatabase extends RelationSource {
  run(sql: string): Promise<void>;
  /** The name under which a database file is attached. */
  attach(file: string): Promise<string>;
  /** Nothing can be asked afterwards. */
  close(): Promise<void>;
}

async function createInstance(): Promise<DuckDBInstance> {
  try {
    const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
    return await Instance.create(':memory:');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`DuckDB cannot be used: ${reason}\nRun 'npm install @duckdb/node-api'.`, {
      cause,
    });
  }
}

/** A database in memory that is opened on first use; each query has a connection of its own. */
export function createDuckdbDatabase(): DuckdbDatabase {
  let opening: Promise<DuckDBInstance> | undefined;
  let isClosed = false;
  let keptCount = 0;
  const attached = new Map<string, Promise<string>>();

  async function connect(): Promise<DuckDBConnection> {
    if (isClosed) throw new Error('The DuckDB database is closed; its run has ended.');
    opening ??= createInstance();
    return await (await opening).connect();
  }

  async function withConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await connect();
    try {
      return await use(connection);
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
        const result = await connection.stream(sql);
        for await (const rows of result.yieldRowObjectJs()) yield withNumbers(rows);
      } finally {
        connection.closeSync();
      }
    },
    async keep(sql) {
      keptCount += 1;
      const table = `memory.main.kept_${keptCount}`;
      await run(`CREATE TABLE ${table} AS ${sql}`);
      return `SELECT * FROM ${table}`;
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
      isClosed = true;
      const instance = await opening?.catch(() => undefined);
      instance?.closeSync();
    },
  };
}
