import { KedroServerError } from '../errors.ts';
import { numberOf, type Row, type RunDatabase, type SqlValue } from '../run/run-database.ts';
import { schemaSteps } from '../run/run-database-schema.ts';
import type { RunStore } from '../run/run-store.ts';
import { createSqlRunStore } from '../run/sql-run-store.ts';
import { storeUnusable } from '../run/store-unusable.ts';

/** As much of a Durable Object's storage as is used: its SQLite database. */
export interface DurableStorage {
  readonly sql: {
    exec(
      query: string,
      ...values: readonly unknown[]
    ): Iterable<Readonly<Record<string, ArrayBuffer | string | number | null>>>;
  };
  transactionSync<T>(work: () => T): T;
}

const place = 'Durable Object';

/**
 * Creates a store in the SQLite database of a Durable Object, which is one user at a time by
 * itself. Workers give no answer to a request before what it has written is safe.
 */
export function createDurableRunStore(storage: DurableStorage): RunStore {
  return createSqlRunStore({
    place,
    openDatabase: async () => {
      const database = toRunDatabase(storage);
      try {
        prepareSchema(database);
      } catch (error) {
        throw toStoreError(error, '. Its class has to be one of new_sqlite_classes');
      }
      return { database, close: () => undefined };
    },
  });
}

function toRunDatabase(storage: DurableStorage): RunDatabase {
  const all = (query: string, ...values: SqlValue[]): readonly Row[] => {
    try {
      return Array.from(storage.sql.exec(query, ...values), toRow);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  return {
    exec: (query) => void all(query),
    all,
    get: (query, ...values) => all(query, ...values)[0],
    run: (query, ...values) => {
      all(query, ...values);
      return numberOf(all('SELECT last_insert_rowid() AS id')[0], 'id');
    },
    change: (query, ...values) => {
      all(query, ...values);
      return numberOf(all('SELECT changes() AS count')[0], 'count');
    },
    transaction: (work) => storage.transactionSync(work),
  };
}

function toStoreError(error: unknown, remedy = ''): unknown {
  if (error instanceof KedroServerError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return storeUnusable(place, `its storage says '${reason}'${remedy}`, error);
}

function toRow(row: Readonly<Record<string, ArrayBuffer | string | number | null>>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof ArrayBuffer ? new Uint8Array(value) : value,
    ]),
  );
}

/** Durable Objects have no `PRAGMA user_version`. */
function prepareSchema(database: RunDatabase): void {
  database.transaction(() => {
    database.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT');
    const known = database.get('SELECT version FROM schema_version');
    const version = known === undefined ? 0 : numberOf(known, 'version');
    if (version > schemaSteps.length) {
      throw storeUnusable(
        place,
        `a newer kedro-server has written it (version ${version} of its tables; this one knows up to ${schemaSteps.length}). Update kedro-server`,
      );
    }
    for (const step of schemaSteps.slice(version)) database.exec(step);
    database.exec('DELETE FROM schema_version');
    database.run('INSERT INTO schema_version (version) VALUES (?)', schemaSteps.length);
  });
}
