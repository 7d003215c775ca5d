import { numberOf, type RunDatabase, textOf } from './run-database.ts';
import { termsOf } from './run-terms.ts';
import { readSubmission } from './stored-json.ts';

/** How long a slice of a removal may hold this thread, about. */
const sliceMs = 3;
const maxRunsInSlice = 100;
const maxEntriesAtOnce = 500;
const maxKeysInSlice = 500;

/**
 * Removes some of the runs that ended before a time, and of the first `tooMany` to have ended;
 * gives their number. Their entries and outputs are left over for `removeLeftovers`.
 */
export function removeRuns(database: RunDatabase, endedBeforeMs: number, tooMany: number): number {
  const runs = database.all(
    `SELECT seq, runs.id, ended_at, json FROM runs JOIN submissions ON run = seq
     WHERE ended_at IS NOT NULL ORDER BY ended_at, runs.id LIMIT ?`,
    maxRunsInSlice,
  );
  const deadline = performance.now() + sliceMs;
  let removed = 0;
  for (const run of runs) {
    const isKept = removed >= tooMany && numberOf(run, 'ended_at') >= endedBeforeMs;
    if (isKept || performance.now() > deadline) break;
    const seq = numberOf(run, 'seq');
    const id = textOf(run, 'id');
    for (const term of termsOf({
      submission: readSubmission({ submission: textOf(run, 'json'), inputs: null }),
    })) {
      database.run('DELETE FROM run_terms WHERE term = ? AND run_id = ?', term, id);
    }
    database.run('DELETE FROM submissions WHERE run = ?', seq);
    database.run('DELETE FROM callbacks WHERE run = ?', seq);
    database.run('DELETE FROM runs WHERE seq = ?', seq);
    database.run('INSERT INTO removed (run) VALUES (?)', seq);
    removed += 1;
  }
  return removed;
}

/** Removes some of what removed runs have left; gives whether there may be more. */
export function removeLeftovers(database: RunDatabase): boolean {
  const deadline = performance.now() + sliceMs;
  // Workers' clock stands still meanwhile.
  for (let step = 0; step < maxRunsInSlice && performance.now() < deadline; step += 1) {
    const row = database.get('SELECT run FROM removed LIMIT 1');
    if (row === undefined) return false;
    const run = numberOf(row, 'run');
    const entries = database.change(
      `DELETE FROM entries WHERE run = ? AND id <=
         (SELECT min(id) FROM entries WHERE run = ?) + ${maxEntriesAtOnce - 1}`,
      run,
      run,
    );
    if (entries === maxEntriesAtOnce) continue;
    database.run('DELETE FROM outputs WHERE run = ?', run);
    database.run('DELETE FROM removed WHERE run = ?', run);
  }
  return true;
}

/** Removes some of the keys that have expired; gives whether there may be more. */
export function removeKeys(database: RunDatabase, nowMs: number): boolean {
  const removed = database.change(
    'DELETE FROM keys WHERE key IN (SELECT key FROM keys WHERE expires_at <= ? LIMIT ?)',
    nowMs,
    maxKeysInSlice,
  );
  return removed === maxKeysInSlice;
}
