import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

import { toStoreError } from './run-database-error.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

const maxStatements = 200;

/** One SQLite file: statements are prepared once, and errors name the file and the way out. */
export class RunDatabase {
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

  /** Gives the id of the row that was inserted last. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#attempt(() => Number(this.#prepare(sql).run(...values).lastInsertRowid));
  }

  /** Gives the number of rows that were changed. */
  change(sql: string, ...values: SQLInputValue[]): number {
    return this.#attempt(() => Number(this.#prepare(sql).run(...values).changes));
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#attempt(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#attempt(() => this.#prepare(sql).all(...values));
  }

  /** Does all of the work or nothing. */
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

export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== 'string') throw new TypeError(`Column '${column}' has no text.`);
  return value;
}

export function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number') throw new TypeError(`Column '${column}' has no number.`);
  return value;
}

/** What SQLite can hold: its text is UTF-8 up to the first NUL. */
export function toColumn(text: string): SQLInputValue {
  return text.isWellFormed() && !text.includes('\u0000') ? text : Buffer.from(text, 'utf16le');
}

export function fromColumn(value: SQLOutputValue | undefined): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf16le');
  throw new TypeError('The column has no text.');
}
