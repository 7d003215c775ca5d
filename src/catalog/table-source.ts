import type { Row } from './rows.ts';

/** The method with which a value gives itself as a table: rows in batches, each as it is read. */
export const readTable: unique symbol = Symbol.for('kedro-server.readTable');

/**
 * A value that stands for a table without being a list of rows, as a query's result does. It has
 * `[readTable]()`, which may be called more than once.
 */
export interface TableSource {
  [readTable](): AsyncIterable<readonly Row[]>;
}

export function isTableSource(value: unknown): value is TableSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    readTable in value &&
    typeof value[readTable] === 'function'
  );
}
