import type { StopWish } from './live-run.ts';
import type { RunLogEntry } from './run-log-entry.ts';
import type { RunRecord, RunSubmission } from './run-record.ts';
import type { KeyOwner } from './run-store.ts';

/** A submission as stores keep it. It never changes. */
export interface StoredSubmission {
  /** JSON of it, without the data that it brings. */
  readonly submission: string;
  /** That data, which may be large and which few readers want; null: none, or not read. */
  readonly inputs: string | null;
}

/** A record as stores keep it; `state` is JSON of all that changes, which it often does. */
export interface StoredRecord extends StoredSubmission {
  readonly state: string;
}

export function writeState(record: RunRecord): string {
  const { submission: _, ...state } = record;
  return JSON.stringify(state);
}

export function writeSubmission(submission: RunSubmission): StoredSubmission {
  const { inputsJson = null, ...order } = submission.order;
  if (inputsJson === null) return { submission: JSON.stringify(submission), inputs: null };
  return { submission: JSON.stringify({ ...submission, order }), inputs: inputsJson };
}

export function readRecord({ state, submission, inputs }: StoredRecord): RunRecord {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a record's state
  const rest = JSON.parse(state) as Omit<RunRecord, 'submission'>;
  return { ...rest, submission: readSubmission({ submission, inputs }) };
}

export function readSubmission({ submission, inputs }: StoredSubmission): RunSubmission {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a RunSubmission
  const read = JSON.parse(submission) as RunSubmission;
  return inputs === null ? read : { ...read, order: { ...read.order, inputsJson: inputs } };
}

/** Reads entries of the JSON texts that a store has made of them. */
export function readEntries(texts: readonly string[]): RunLogEntry[] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- each text was made of a RunLogEntry
  return JSON.parse(`[${texts.join(',')}]`) as RunLogEntry[];
}

export function readKeyOwner(text: string): KeyOwner {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a KeyOwner
  return JSON.parse(text) as KeyOwner;
}

export function readStopWish(text: string): StopWish {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a StopWish
  return JSON.parse(text) as StopWish;
}
