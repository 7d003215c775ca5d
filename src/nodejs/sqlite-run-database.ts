import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { Row, RunDatabase, SqlValue } from '../run/run-database.ts';
import { toStoreError } from './run-database-error.ts';

const maxStatements = 200;

/** One SQLite file: statements are prepared once, and errors name the file and the way out. */
export class SqliteRunDatabase implements RunDatabase {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string, database: DatabaseSync) {
    this.#file = file;
    this.#database = database;
  }

  exec(sql: string): void {
    this.#attempt(() => this.#database.exec(sql));
  }

  run(sql: string, ...values: SqlValue[]): number {
    return this.#attempt(() => Number(this.#prepare(sql).run(...values).lastInsertRowid));
  }

  change(sql: string, ...values: SqlValue[]): number {
    return this.#attempt(() => Number(this.#prepare(sql).run(...values).changes));
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#attempt(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: SqlValue[]): readonly Row[] {
    return this.#attempt(() => this.#prepare(sql).all(...values));
  }

  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#attempt(() => this.#database.close());
  }

  /** A full disk and the like have SQLite roll back by itself. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.exec('ROLLBACK');
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= maxStatements) this.#statements.clear();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStoreError(this.#file, error);
    }
  }
}
