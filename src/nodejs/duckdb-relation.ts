import type { Row } from '../catalog/rows.ts';
import { readTable, type TableSource } from '../catalog/table-source.ts';

/** The database that relations belong to. */
export interface RelationSource {
  rows(sql: string): Promise<readonly Row[]>;
  /** The same, a batch at a time as they are computed. */
  batches(sql: string): AsyncIterable<readonly Row[]>;
  /** Evaluates once, into a table that lives as long as the database is open. */
  keep(sql: string): Promise<string>;
}

/**
 * A table that DuckDB has not computed yet: nodes hand it on without copying a row into
 * JavaScript. It never changes.
 */
export class DuckdbRelation implements TableSource {
  readonly sql: string;
  readonly #source: RelationSource;

  constructor(source: RelationSource, sql: string) {
    this.#source = source;
    this.sql = sql;
  }

  /** The rows as objects, copied into JavaScript; integers are numbers where none is too large. */
  async rows(): Promise<readonly Row[]> {
    return await this.#source.rows(this.sql);
  }

  [readTable](): AsyncIterable<readonly Row[]> {
    return this.#source.batches(this.sql);
  }

  /** The same rows, computed now and only once. */
  async materialize(): Promise<DuckdbRelation> {
    return new DuckdbRelation(this.#source, await this.#source.keep(this.sql));
  }

  /** Whether the other one is of the same database. */
  sharesSource(other: DuckdbRelation): boolean {
    return this.#source === other.#source;
  }

  /**
   * What a query gives that calls relations by the names they have here:
   * `DuckdbRelation.query({ flights }, 'SELECT carrier, avg(delay) FROM flights GROUP BY 1')`.
   * Throws `TypeError` when there is none, or when they are of several databases.
   */
  static query(relations: Readonly<Record<string, DuckdbRelation>>, sql: string): DuckdbRelation {
    const [first, ...others] = Object.values(relations);
    if (first === undefined || !others.every((other) => first.sharesSource(other))) {
      throw new TypeError('A query needs relations, all of one DuckDB database.');
    }
    const named = Object.entries(relations).map(
      ([name, each]) => `${quoteName(name)} AS (${each.sql})`,
    );
    const body = /^\s*with\b/iu.test(sql) ? `SELECT * FROM (${sql})` : sql;
    return new DuckdbRelation(first.#source, `WITH ${named.join(', ')} ${body}`);
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
