/** What a column can hold. */
export type SqlValue = null | number | bigint | string | Uint8Array<ArrayBuffer>;

export type Row = Readonly<Record<string, SqlValue>>;

/** A SQLite database with the tables of `run-database-schema.ts`, for one user at a time. */
export interface RunDatabase {
  exec(sql: string): void;
  /** Gives the id of the row that was inserted last. */
  run(sql: string, ...values: SqlValue[]): number;
  /** Gives the number of rows that were changed. */
  change(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): Row | undefined;
  all(sql: string, ...values: SqlValue[]): readonly Row[];
  /** Does all of the work or nothing. */
  transaction<T>(work: () => T): T;
}

export interface OpenRunDatabase {
  readonly database: RunDatabase;
  /** Releases it. */
  close(): void;
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

/** Of a text that SQLite, whose text is UTF-8 up to the first NUL, cannot hold: its UTF-16 units. */
export function toColumn(text: string): SqlValue {
  if (text.isWellFormed() && !text.includes('\u0000')) return text;
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at += 1) units[at] = text.charCodeAt(at);
  return new Uint8Array(units.buffer);
}

export function fromColumn(value: SqlValue | undefined): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) throw new TypeError('The column has no text.');
  const units = new Uint16Array(value.slice().buffer);
  let text = '';
  for (let at = 0; at < units.length; at += unitsAtOnce) {
    text += String.fromCharCode(...units.subarray(at, at + unitsAtOnce));
  }
  return text;
}

/** A function takes so many arguments everywhere. */
const unitsAtOnce = 8192;
