import { storeUnusable } from '../run/store-unusable.ts';

/** SQLite's primary result codes; https://www.sqlite.org/rescode.html */
export const sqliteBusy = 5;
const reasons: Readonly<Record<number, string>> = {
  3: 'it may not be read or written by the user of this process. Allow it, or choose another file',
  5: 'another program holds a lock on it. End that program, or its transaction',
  8: 'it may not be written. Allow it to the user of this process, or choose another file',
  10: 'its disk does not read or write as it should. Look at the disk, or choose another file',
  11: 'it is damaged. Move it away, with the files beside it that begin with its name, to begin anew, or bring back a copy of it',
  13: 'its disk, or what this process may write of it, is full. Make room, or let less of the history be kept',
  14: 'it cannot be opened or created. Look at its folder and who may write there, or choose another file',
  26: 'it is not a SQLite database. Move it away, or choose another file',
};

/** SQLite's own texts of them: Deno gives no codes. */
const texts: Readonly<Record<string, number>> = {
  'access permission denied': 3,
  'database is locked': sqliteBusy,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'file is not a database': 26,
};
const sqliteError = 1;

/** The primary result code of an error of SQLite; null for other errors. */
export function sqliteCodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error.code !== 'ERR_SQLITE_ERROR') return null;
  // The lowest byte of an extended code is the primary one.
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode % 256;
  const text = Object.keys(texts).find((each) => error.message.startsWith(each));
  return (text === undefined ? undefined : texts[text]) ?? sqliteError;
}

/** What to throw for an error that came up at the file: SQLite's own get their reason and way out. */
export function toStoreError(file: string, error: unknown): unknown {
  const code = sqliteCodeOf(error);
  if (code === null || !(error instanceof Error)) return error;
  const reason = reasons[code];
  return reason === undefined
    ? storeUnusable(file, `SQLite says '${error.message}'`, error)
    : storeUnusable(file, `${reason} (SQLite: ${error.message})`, error);
}
