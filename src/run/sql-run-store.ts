import { entryMisplaced, runMissing } from './misplaced-write.ts';
import { isFinal, type RunRecord } from './run-record.ts';
import type { KeyOwner, Retention, RunBatch, RunStore } from './run-store.ts';
import { readEntries, readRecord, writeState, writeSubmission } from './stored-json.ts';
import {
  fromColumn,
  numberOf,
  type OpenRunDatabase,
  type Row,
  type RunDatabase,
  textOf,
  toColumn,
} from './run-database.ts';
import { storeUnusable } from './store-unusable.ts';
import { listRuns } from './run-list-query.ts';
import { termsOf } from './run-terms.ts';
import { removeKeys, removeLeftovers, removeRuns } from './run-removal.ts';

export interface SqlRunStoreOptions {
  /** What errors call it. */
  readonly place: string;
  /** Throws `KedroServerError` (`store-unusable`). */
  readonly openDatabase: () => Promise<OpenRunDatabase>;
}

/** UTF-16 units of an output in one row, which are at most 1.5 MB. */
const partLength = 500_000;

const wholeRuns =
  'SELECT state, json AS submission, inputs FROM runs JOIN submissions ON run = seq';

/** Where a run is in the file. */
interface Place {
  readonly seq: number;
  lastEntryId: number;
}

/** Creates a store in a SQLite database, wherever that is. */
export function createSqlRunStore({ place: where, openDatabase }: SqlRunStoreOptions): RunStore {
  /** Of runs that have not ended: their next entries come soon. */
  const places = new Map<string, Place>();
  let opening: Promise<OpenRunDatabase> | null = null;
  let opened: OpenRunDatabase | null = null;
  let isClosed = false;
  let pruning: Promise<unknown> = Promise.resolve();

  function use(): RunDatabase {
    if (isClosed) throw storeUnusable(where, 'it has been closed');
    if (opened === null) throw storeUnusable(where, 'it has not been opened');
    return opened.database;
  }

  async function open(): Promise<void> {
    if (isClosed) throw storeUnusable(where, 'it has been closed');
    opening ??= openDatabase();
    try {
      opened = await opening;
    } catch (error) {
      opening = null;
      throw error;
    }
  }

  function findPlace(database: RunDatabase, id: string): Place | null {
    const known = places.get(id);
    if (known !== undefined) return known;
    const row = database.get(
      `SELECT seq, (SELECT ifnull(max(id), 0) FROM entries WHERE run = seq) AS last
       FROM runs WHERE id = ?`,
      id,
    );
    if (row === undefined) return null;
    const place = { seq: numberOf(row, 'seq'), lastEntryId: numberOf(row, 'last') };
    places.set(id, place);
    return place;
  }

  function putRun(database: RunDatabase, record: RunRecord): void {
    const json = writeState(record);
    const endedAtMs = isFinal(record.status) ? (record.endedAtMs ?? record.createdAtMs) : null;
    const place = findPlace(database, record.id);
    if (place !== null) {
      database.run(
        'UPDATE runs SET status = ?, ended_at = ?, state = ? WHERE seq = ?',
        record.status,
        endedAtMs,
        json,
        place.seq,
      );
      return;
    }
    const seq = database.run(
      'INSERT INTO runs (id, save_version, status, created_at, ended_at, state) VALUES (?, ?, ?, ?, ?, ?)',
      record.id,
      record.saveVersion,
      record.status,
      record.createdAtMs,
      endedAtMs,
      json,
    );
    const { submission, inputs } = writeSubmission(record.submission);
    database.run(
      'INSERT INTO submissions (run, json, inputs) VALUES (?, ?, ?)',
      seq,
      submission,
      inputs === null ? null : toColumn(inputs),
    );
    for (const term of termsOf(record)) {
      database.run('INSERT INTO run_terms (term, run_id) VALUES (?, ?)', term, record.id);
    }
    places.set(record.id, { seq, lastEntryId: 0 });
  }

  function put(database: RunDatabase, batch: RunBatch): void {
    for (const run of batch.runs) putRun(database, run);
    for (const { key, fingerprint, expiresAtMs, runId } of batch.keys) {
      database.run(
        'INSERT OR REPLACE INTO keys (key, fingerprint, expires_at, run_id) VALUES (?, ?, ?, ?)',
        JSON.stringify(key),
        JSON.stringify(fingerprint),
        expiresAtMs,
        runId,
      );
    }
    for (const { runId, entry } of batch.entries) {
      const place = findPlace(database, runId);
      if (place === null) throw runMissing(runId);
      if (entry.id !== place.lastEntryId + 1) {
        throw entryMisplaced(runId, entry.id, place.lastEntryId);
      }
      database.run(
        'INSERT INTO entries (run, id, type, json) VALUES (?, ?, ?, ?)',
        place.seq,
        entry.id,
        entry.event.type,
        JSON.stringify(entry),
      );
      place.lastEntryId = entry.id;
    }
    for (const { runId, name, json } of batch.outputs) {
      const place = findPlace(database, runId);
      if (place === null) throw runMissing(runId);
      const output = JSON.stringify(name);
      database.run('DELETE FROM outputs WHERE run = ? AND name = ?', place.seq, output);
      for (let part = 0; part === 0 || part * partLength < json.length; part += 1) {
        database.run(
          'INSERT INTO outputs (run, name, part, json) VALUES (?, ?, ?, ?)',
          place.seq,
          output,
          part,
          toColumn(json.slice(part * partLength, (part + 1) * partLength)),
        );
      }
    }
    for (const { runId, attempts, dueAtMs } of batch.callbacks ?? []) {
      const place = findPlace(database, runId);
      if (place === null) throw runMissing(runId);
      if (dueAtMs === null) database.run('DELETE FROM callbacks WHERE run = ?', place.seq);
      else {
        database.run(
          'INSERT OR REPLACE INTO callbacks (run, attempts, due_at) VALUES (?, ?, ?)',
          place.seq,
          attempts,
          dueAtMs,
        );
      }
    }
  }

  function write(database: RunDatabase, batch: RunBatch): void {
    try {
      database.transaction(() => put(database, batch));
    } catch (error) {
      places.clear();
      throw error;
    }
    for (const { id, status } of batch.runs) {
      if (isFinal(status)) places.delete(id);
    }
    for (const { runId } of batch.callbacks ?? []) places.delete(runId);
  }

  async function prune({ endedBeforeMs, maxEndedRuns, nowMs }: Retention): Promise<number> {
    let tooMany = 0;
    if (maxEndedRuns !== null) {
      const row = use().get('SELECT count(*) AS ended FROM runs WHERE ended_at IS NOT NULL');
      tooMany = Math.max(0, numberOf(row, 'ended') - maxEndedRuns);
    }
    let count = 0;
    const steps = [
      (database: RunDatabase): boolean => {
        const removed = removeRuns(database, endedBeforeMs ?? -Infinity, tooMany);
        tooMany = Math.max(0, tooMany - removed);
        count += removed;
        return removed > 0;
      },
      removeLeftovers,
      (database: RunDatabase): boolean => removeKeys(database, nowMs),
    ];
    for (const step of steps) {
      for (;;) {
        if (isClosed) return count;
        const database = use();
        const mayBeMore = database.transaction(() => step(database));
        places.clear();
        if (!mayBeMore) break;
        // Whoever waits for this thread has its turn between two slices.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    return count;
  }

  return {
    isDurable: true,
    open,
    write: async (batch) => write(use(), batch),
    get: async (id) => {
      const row = use().get(`${wholeRuns} WHERE id = ?`, id);
      return row === undefined ? null : toRecord(row);
    },
    findVersion: async (saveVersion) => {
      const row = use().get(
        `${wholeRuns} WHERE save_version = ? ORDER BY id DESC LIMIT 1`,
        saveVersion,
      );
      return row === undefined ? null : toRecord(row);
    },
    list: async (query) => listRuns(use(), query).map(toRecord),
    entries: async (id, afterId, limit, type) => {
      const most = Math.min(limit, Number.MAX_SAFE_INTEGER);
      const run = 'run = (SELECT seq FROM runs WHERE runs.id = ?)';
      const rows =
        type === undefined
          ? use().all(
              `SELECT json FROM entries WHERE ${run} AND id > ? ORDER BY id LIMIT ?`,
              id,
              afterId,
              most,
            )
          : use().all(
              `SELECT json FROM entries WHERE ${run} AND id > ? AND type = ? ORDER BY id LIMIT ?`,
              id,
              afterId,
              type,
              most,
            );
      return readEntries(rows.map((row) => textOf(row, 'json')));
    },
    output: async (id, name) => {
      const rows = use().all(
        'SELECT json FROM outputs WHERE run = (SELECT seq FROM runs WHERE id = ?) AND name = ? ORDER BY part',
        id,
        JSON.stringify(name),
      );
      if (rows.length === 0) return null;
      return { runId: id, name, json: rows.map((row) => fromColumn(row['json'])).join('') };
    },
    findKey: async (key, nowMs) => {
      const row = use().get(
        'SELECT * FROM keys WHERE key = ? AND expires_at > ?',
        JSON.stringify(key),
        nowMs,
      );
      return row === undefined ? null : toKeyOwner(key, row);
    },
    owedCallbacks: async () =>
      use()
        .all(
          'SELECT id, attempts, due_at FROM callbacks JOIN runs ON seq = run ORDER BY due_at, id',
        )
        .map((row) => ({
          runId: textOf(row, 'id'),
          attempts: numberOf(row, 'attempts'),
          dueAtMs: numberOf(row, 'due_at'),
        })),
    unfinished: async () =>
      use().all(`${wholeRuns} WHERE ended_at IS NULL ORDER BY id`).map(toRecord),
    prune: async (retention) => {
      use();
      const mine = pruning.then(() => (isClosed ? 0 : prune(retention)));
      pruning = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      const left = await opening?.catch(() => null);
      left?.close();
    },
  };
}

function toRecord(row: Row): RunRecord {
  const { inputs = null } = row;
  return readRecord({
    state: textOf(row, 'state'),
    submission: textOf(row, 'submission'),
    inputs: inputs === null ? null : fromColumn(inputs),
  });
}

function toKeyOwner(key: string, row: Row): KeyOwner {
  return {
    key,
    fingerprint: String(JSON.parse(textOf(row, 'fingerprint'))),
    expiresAtMs: numberOf(row, 'expires_at'),
    runId: textOf(row, 'run_id'),
  };
}
