import type { RunLogEntry } from './run-log-entry.ts';
import type { RunRecord, RunSubmission } from './run-record.ts';

/**
 * A record as stores keep it: JSON text of the submission, which never changes and may be large,
 * and of the rest, which changes often.
 */
export interface StoredRecord {
  readonly state: string;
  readonly submission: string;
}

export function readRecord({ state, submission }: StoredRecord): RunRecord {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a record's state
  const rest = JSON.parse(state) as Omit<RunRecord, 'submission'>;
  return { ...rest, submission: readSubmission(submission) };
}

export function readSubmission(json: string): RunSubmission {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a RunSubmission
  return JSON.parse(json) as RunSubmission;
}

/** Reads entries of the JSON texts that a store has made of them. */
export function readEntries(texts: readonly string[]): RunLogEntry[] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- each text was made of a RunLogEntry
  return JSON.parse(`[${texts.join(',')}]`) as RunLogEntry[];
}
