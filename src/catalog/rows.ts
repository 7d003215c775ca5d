import { isPlainObject } from './plain-object.ts';

/** A table as nodes see it: an object for each row, columns by name. */
export type Row = Readonly<Record<string, unknown>>;

/** Sets a property of its own, also one called `__proto__`. */
export function setColumn(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') {
    row[name] = value;
    return;
  }
  Object.defineProperty(row, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Throws `TypeError` for what is no list of objects. */
export function checkRows(data: unknown): readonly Row[] {
  const rows: unknown = data;
  if (!Array.isArray(rows)) {
    throw new TypeError(
      'A table is saved from a list of rows, each an object: [{ column: value }].',
    );
  }
  return rows.map((row: unknown, index) => {
    if (isPlainObject(row)) return row;
    throw new TypeError(
      `Row ${index + 1} of the table is no object. Each row is { column: value }.`,
    );
  });
}

/** The columns of all rows, in the order in which they first come up. */
export function columnsOf(rows: readonly Row[]): readonly string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  return [...columns];
}

/** The values of a column, null where a row has none. */
export function valuesOf(name: string, rows: readonly Row[]): unknown[] {
  return rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null));
}

/** Second and later columns of one name get `.1`, `.2`, as in pandas. */
export function uniqueNames(header: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  const taken = new Set(header);
  return header.map((name) => {
    let count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    if (count === 0) return name;
    while (taken.has(`${name}.${count}`)) count += 1;
    const unique = `${name}.${count}`;
    taken.add(unique);
    counts.set(name, count + 1);
    return unique;
  });
}

/** Rows whose 64-bit integers are numbers, in columns where that loses nothing. */
export function withNumbers(rows: Record<string, unknown>[]): readonly Row[] {
  const first = rows[0];
  if (first === undefined) return rows;
  for (const name of Object.keys(first)) {
    const sample = rows.find((row) => row[name] !== null && row[name] !== undefined)?.[name];
    if (typeof sample !== 'bigint' && typeof sample !== 'number') continue;
    const isExact = rows.every((row) => {
      const value = row[name];
      return typeof value !== 'bigint' || Number.isSafeInteger(Number(value));
    });
    if (!isExact) continue;
    for (const row of rows) if (typeof row[name] === 'bigint') row[name] = Number(row[name]);
  }
  return rows;
}
