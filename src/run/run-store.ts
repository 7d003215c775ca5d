import type { RunLogEntry } from './run-log-entry.ts';
import type { RunRecord, RunStatus } from './run-record.ts';

/** A caller's own name for a submission: the same key is the same run. */
export interface IdempotencyKey {
  readonly key: string;
  /** Digest of what was submitted under it. */
  readonly fingerprint: string;
  /** When it may be forgotten, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface KeyOwner extends IdempotencyKey {
  readonly runId: string;
}

/** An output's data, as JSON text. */
export interface StoredOutput {
  readonly runId: string;
  readonly name: string;
  readonly json: string;
}

/** How far the callback of a run has come. */
export interface OwedCallback {
  readonly runId: string;
  /** Attempts that have failed. */
  readonly attempts: number;
  /** When to try next, in milliseconds since 1970; null: it is owed no more. */
  readonly dueAtMs: number | null;
}

/** Changes that belong together, in this order: runs, keys, log entries, outputs, callbacks. */
export interface RunBatch {
  /**
   * New runs, and new states of known ones; the whole record each time. A run's submission and
   * time of creation never change, and ids sort as these times do.
   */
  readonly runs: readonly RunRecord[];
  /** A key that is there already passes to its new owner. */
  readonly keys: readonly KeyOwner[];
  /** Each follows the last one of its run without a gap; the first has id 1. */
  readonly entries: readonly { readonly runId: string; readonly entry: RunLogEntry }[];
  /** Takes the place of what the run has under the name. */
  readonly outputs: readonly StoredOutput[];
  /** Each takes the place of what the run has. */
  readonly callbacks?: readonly OwedCallback[];
}

export interface RunQuery {
  /** Any of these; null: all. */
  readonly statuses: readonly RunStatus[] | null;
  /** Runs that name this pipeline (`__default__` for those that name none). */
  readonly pipeline: string | null;
  /** Runs of this owner; everybody's without it. */
  readonly owner?: string | null | undefined;
  /** Runs with all of these labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Created at or after it. */
  readonly sinceMs: number | null;
  /** Created before it. */
  readonly untilMs: number | null;
  /** Only runs with a smaller id: the last one of the page before. */
  readonly before: string | null;
  readonly limit: number;
}

/** Every run; what is asked for narrows it. */
export const allRuns: RunQuery = {
  statuses: null,
  pipeline: null,
  labels: {},
  sinceMs: null,
  untilMs: null,
  before: null,
  limit: Infinity,
};

/** How long and how much of what has ended is kept; running and waiting runs are never removed. */
export interface Retention {
  /** Runs that ended before it are removed, with their logs and outputs; null: none for their age. */
  readonly endedBeforeMs: number | null;
  /** The so many runs that ended last are kept; null: without limit. */
  readonly maxEndedRuns: number | null;
  /** Keys that expire at or before it are forgotten. Until then they outlive their runs. */
  readonly nowMs: number;
}

/**
 * Keeps runs, their logs and their outputs. It decides nothing: one owner writes, anyone reads.
 * What it is given and what it gives is shared with nobody. After `close()` every call but that one
 * rejects with `KedroServerError` (`store-unusable`), and so does each call that the place fails.
 * Every implementation passes `test/conformance/run-store-suite.ts`.
 */
export interface RunStore {
  /** Whether what it holds outlives the process. */
  readonly isDurable: boolean;
  /** Throws `KedroServerError` (`store-unusable`) that names the place and the way out. */
  open(): Promise<void>;
  /**
   * Writes all of it or nothing. When it resolves, every read sees it, also after a crash if
   * durable. Rejects what belongs to unknown runs, keys aside, and entries out of turn.
   */
  write(batch: RunBatch): Promise<void>;
  get(id: string): Promise<RunRecord | null>;
  /** The run that saves under this version; the newest, should there be several. */
  findVersion(saveVersion: string): Promise<RunRecord | null>;
  /** Newest first, without the data that they bring: `order.inputsJson` is left out. */
  list(query: RunQuery): Promise<readonly RunRecord[]>;
  /** Entries with greater ids than `afterId`, oldest first; with `type`, only those of it. */
  entries(
    id: string,
    afterId: number,
    limit: number,
    type?: RunLogEntry['event']['type'],
  ): Promise<readonly RunLogEntry[]>;
  output(id: string, name: string): Promise<StoredOutput | null>;
  /** Who submitted under `key`; null when nobody did, or it has expired by `nowMs`. */
  findKey(key: string, nowMs: number): Promise<KeyOwner | null>;
  /** Callbacks that are owed still, by when they are due. They go with their runs. */
  owedCallbacks(): Promise<readonly OwedCallback[]>;
  /** Runs in no final state, oldest first. */
  unfinished(): Promise<readonly RunRecord[]>;
  /**
   * Removes what is not to be kept, little by little where it is much; resolves with the number of
   * runs removed. When the store is closed meanwhile, that is the number so far.
   */
  prune(retention: Retention): Promise<number>;
  /** Releases everything; calling it again is the same call. */
  close(): Promise<void>;
}
