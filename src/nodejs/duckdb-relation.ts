import type { Row } from '../catalog/rows.ts';
import { readTable, type TableSource } from '../catalog/table-source.ts';

/** The database that relations belong to. */
export interface RelationSource {
  rows(sql: string): Promise<readonly Row[]>;
  /** The same, a batch at a time as they are computed. */
  batches(sql: string): AsyncIterable<readonly Row[]>;
  /** The names of a query's columns, in order. */
  columns(sql: string): Promise<readonly string[]>;
  /** Evaluates once, into a table that lives as long as the database is open. */
  keep(sql: string): Promise<string>;
}

/**
 * A table that DuckDB has not computed yet: nodes hand it on without copying a row into
 * JavaScript. It never changes. More are made with `query`.
 */
export class DuckdbRelation implements TableSource {
  readonly sql: string;
  readonly #source: RelationSource;
  #columns: readonly string[] | undefined;

  constructor(source: RelationSource, sql: string) {
    this.#source = source;
    this.sql = sql;
  }

  /**
   * The rows as objects, copied into JavaScript; integers are numbers where none is too large.
   * `Type` is what the query is known to give: it is not checked.
   */
  async rows<Type extends object = Row>(): Promise<readonly Type[]>;
  async rows(): Promise<readonly object[]> {
    return await this.#source.rows(this.sql);
  }

  [readTable](): AsyncIterable<readonly Row[]> {
    return this.#source.batches(this.sql);
  }

  async columns(): Promise<readonly string[]> {
    this.#columns ??= await this.#source.columns(this.sql);
    return this.#columns;
  }

  /** The same rows, in the same order, computed now and only once. */
  async materialize(): Promise<DuckdbRelation> {
    return new DuckdbRelation(this.#source, await this.#source.keep(this.sql));
  }

  /**
   * A query in pieces: SQL, and relations that it reads from. Throws `TypeError` when it reads
   * from none, or from those of several databases.
   */
  static fromPieces(pieces: readonly (string | DuckdbRelation)[]): DuckdbRelation {
    const names = new Map<DuckdbRelation, string>();
    let text = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece;
      else {
        const name = names.get(piece) ?? `relation_${names.size + 1}`;
        names.set(piece, name);
        text += name;
      }
    }
    const [first, ...others] = names.keys();
    if (first === undefined || !others.every((each) => each.#source === first.#source)) {
      throw new TypeError('A query reads from relations, all of one DuckDB database.');
    }
    const named = Array.from(names, ([relation, name]) => `${name} AS (${relation.sql})`);
    const body = /^\s*with\b/iu.test(text) ? `SELECT * FROM (${text})` : text;
    return new DuckdbRelation(first.#source, `WITH ${named.join(', ')} ${body}`);
  }
}
