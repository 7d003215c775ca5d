import type { StopWish } from '../run/live-run.ts';
import type { RunRecord, RunStatus } from '../run/run-record.ts';
import type { KeyOwner, OwedCallback, RunBatch, RunStore } from '../run/run-store.ts';

/** What must hold, over all servers, for a run to be accepted. */
export interface AcceptLimits {
  /** Runs that may be queued, with this one. */
  readonly maxQueued: number;
  /** Runs of the same owner that may be open, with this one; `Infinity`: without limit. */
  readonly maxOpen: number;
  /** What a refusal says of when to try again, in whole seconds. */
  readonly retryAfterS: number;
}

export type Acceptance =
  | {
      readonly kind: 'accepted';
      /** As it is written, with `run.queued` in its log. */
      readonly record: RunRecord;
      /**
       * Whether it may be queued now; else it waits for others with its concurrency key, and
       * `takeTurns` gives it when its turn has come.
       */
      readonly hasTurn: boolean;
      /**
       * With `cancel_running`: the runs whose place it takes. They have been asked to stop; calling
       * `requestStop` with each ends at once those that no worker has.
       */
      readonly displaced: readonly string[];
    }
  /** The key is known: nothing is written. The fingerprint says whether it is the same request. */
  | { readonly kind: 'replay'; readonly owner: KeyOwner };

/** Who holds a run: what is written with it is refused once somebody with a greater one does. */
export interface RunFence {
  readonly runId: string;
  /** Counts up with each claim of the run. */
  readonly fence: number;
}

export interface Claimer {
  /** What the worker is called in messages; need not be unique. */
  readonly worker: string;
  /** Unique to this attempt: claiming again with the same one gives the same claim. */
  readonly token: string;
  /** How long the claim holds without being renewed, by the clock of the place. */
  readonly leaseMs: number;
}

export type ClaimOutcome =
  | {
      readonly kind: 'claimed';
      readonly fence: RunFence;
      /**
       * As it is now, with the data that it brings. Its status tells whether an earlier attempt had
       * begun: `queued` when none had.
       */
      readonly record: RunRecord;
      /** It is to be ended without being begun. */
      readonly stopWish: StopWish | null;
    }
  /** Another attempt has it, and its lease is not over. */
  | { readonly kind: 'held'; readonly worker: string; readonly leaseLeftMs: number }
  /** It waits for others with its concurrency key: `takeTurns` gives it when its turn has come. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'ended'; readonly record: RunRecord }
  | { readonly kind: 'unknown' };

/** A run whose worker has not renewed its lease in time. */
export interface AbandonedRun {
  readonly runId: string;
  readonly worker: string;
  readonly overForMs: number;
}

export type StopOutcome =
  /** Nobody had it: it has been ended as cancelled, in this step. */
  | 'cancelled'
  /** The worker that has it is told; asking again is the same. */
  | 'stopping'
  /** It was over. */
  | 'ended'
  | 'unknown';

/** How far a run is. */
export interface RunChange {
  readonly runId: string;
  /** Null: there is no such run (any more). */
  readonly status: RunStatus | null;
  /** Id of the last entry of its log. */
  readonly lastEventId: number;
  readonly stopWish: StopWish | null;
}

/**
 * A store that many servers and workers share. Servers accept runs, read them and ask them to stop;
 * the worker that has claimed a run is its owner, and the only writer of its states, entries and
 * outputs. Each call that decides something is one atomic step in the place where it is kept, so
 * that of two at once exactly one wins.
 *
 * A run that is over never changes: a write that would change it rejects with `KedroServerError`
 * (`run-taken`). Every call rejects within the store's time limit with `store-unusable` when the
 * place does not answer; whether such a call has happened is not known then, and all but `takeTurns`
 * and `takeCallbacks` may simply be repeated: `accept` with the same record, `claim` with the same
 * token and `write` with the same fence notice that they have happened.
 */
export interface SharedRunStore extends RunStore {
  /**
   * Writes a new run that is queued, its first log entry and its key, unless the key is known.
   * Throws `RunRefused`: `queue-full`, `quota-full` or `concurrency-conflict`; then nothing is
   * written. Runs of the same owner and concurrency key beyond its limit are refused (`reject`), or
   * wait for their turn.
   */
  accept(record: RunRecord, key: KeyOwner | null, limits: AcceptLimits): Promise<Acceptance>;

  /**
   * Gives runs whose turn has come and which nobody is about to queue, oldest first, without the
   * data that they bring. For `holdMs` nobody else gets them; then they are given again, unless
   * `markQueued` has been called. The server that accepted a run with `hasTurn` holds it for
   * `acceptHoldMs` of the store's options.
   */
  takeTurns(options: {
    readonly limit: number;
    readonly holdMs: number;
  }): Promise<readonly RunRecord[]>;
  /** Tells that the runs are in the queue, from which workers take them. */
  markQueued(runIds: readonly string[]): Promise<void>;
  /**
   * Runs that wait for nothing but a worker, each of which should be in the queue: how many there
   * are, and the oldest of them, without the data that they bring.
   */
  ready(limit: number): Promise<{
    readonly count: number;
    readonly runs: readonly RunRecord[];
  }>;
  /** Calls `onTurn` when `takeTurns` may have some; gives how to stop that. */
  watchTurns(onTurn: () => void): () => void;

  /**
   * Takes a run for a worker: from now on no earlier claim of it may write. Does not change the
   * record: the worker writes that it begins.
   */
  claim(runId: string, claimer: Claimer): Promise<ClaimOutcome>;
  /**
   * Lets a claim hold for another `leaseMs`; resolves with the wish that it stops. Rejects with
   * `run-taken` when somebody else has claimed the run, or it is over. A lease that is over and that
   * nobody has claimed is renewed too.
   */
  renew(fence: RunFence, leaseMs: number): Promise<StopWish | null>;
  /** Gives a run back: it may be claimed at once. Fine when somebody else has claimed it. */
  release(fence: RunFence): Promise<void>;
  /**
   * As in `RunStore`; with `fences` only what belongs to their runs may be in the batch, and it
   * rejects with `KedroServerError` (`run-taken`) when somebody else has claimed one of them, or it
   * is over. What such a batch repeats of one before it is passed over. A run that ends gives its
   * concurrency key to the next.
   */
  write(batch: RunBatch, fences?: readonly RunFence[]): Promise<void>;

  /**
   * Asks a run to stop; the first wish counts. One that no worker has is ended at once, in the same
   * step, with `run.cancelling` and `run.ended` in its log: who wins between this and `claim` falls
   * once.
   */
  requestStop(runId: string, wish: StopWish): Promise<StopOutcome>;
  /** The wish that it stops; null when nobody has asked, or there is no such run. */
  stopWish(runId: string): Promise<StopWish | null>;

  /**
   * Calls `onChange` with how a run is: as soon as it is watched, and after each change or some of
   * them at once. Nothing is lost when the connection is: after it has been made again, everything
   * watched is looked at again. One connection serves all that is watched. Gives how to stop it.
   */
  watch(runId: string, onChange: (change: RunChange) => void): () => void;

  /** Claimed runs whose lease is over, for who claims them and decides what becomes of them. */
  abandoned(limit: number): Promise<readonly AbandonedRun[]>;
  /**
   * Gives callbacks that are due, for who tries them. For `holdMs` nobody else gets them; then they
   * are given again, unless what has become of them was written.
   */
  takeCallbacks(options: {
    readonly limit: number;
    readonly holdMs: number;
  }): Promise<readonly OwedCallback[]>;

  /** A version that is greater than every one before it, whichever server asks and whatever its clock says. */
  nextSaveVersion(): Promise<string>;
  /** Resolves when the place answers; rejects with `store-unusable` within the time limit. */
  check(): Promise<void>;
}
