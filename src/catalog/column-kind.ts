/** What the values of a column are, where the format of a file has to know. */
export type ColumnKind = 'bigint' | 'boolean' | 'date' | 'integer' | 'json' | 'number' | 'string';

function kindOf(value: unknown): ColumnKind | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'bigint';
  if (value instanceof Date) return 'date';
  return typeof value === 'object' ? 'json' : undefined;
}

/** The kind that holds both, where there is one. */
function join(left: ColumnKind, right: ColumnKind): ColumnKind | undefined {
  if (left === right) return left;
  const both = new Set([left, right]);
  if (both.has('integer') && both.has('number')) return 'number';
  return both.has('integer') && both.has('bigint') ? 'bigint' : undefined;
}

/**
 * The kind of a column's values, null apart; undefined when there are no others. Throws
 * `TypeError`, which names the format, when they are of several kinds.
 */
export function findColumnKind(
  name: string,
  values: Iterable<unknown>,
  format: string,
): ColumnKind | undefined {
  let kind: ColumnKind | undefined;
  let row = 0;
  for (const value of values) {
    row += 1;
    if (value === null) continue;
    const found = kindOf(value);
    const joined = found !== undefined && kind !== undefined ? join(kind, found) : found;
    if (joined === undefined) {
      throw new TypeError(
        `${format} cannot hold the column '${name}': row ${row} has '${found ?? typeof value}'${kind === undefined ? '' : ` after '${kind}'`}. Make its values of one kind in the node.`,
      );
    }
    kind = joined;
  }
  return kind;
}
