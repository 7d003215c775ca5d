import type { LiveRun } from './live-run.ts';
import { RunRefused } from './run-refused.ts';

/** Where a run that waits stands. */
export interface QueuePlace {
  /** 1 is next. */
  readonly position: number;
  /** Runs with its concurrency key that it waits for; null: it waits for a free place. */
  readonly waitsFor: readonly string[] | null;
}

export interface AdmissionLimits {
  /** Runs at once. */
  readonly maxRunning: number;
  /** Runs that wait. */
  readonly maxWaiting: number;
}

/** Share of the queue that callers who wait for the end may fill. */
const attendedShare = 0.75;
/** Weight of the newest duration in their running mean. */
const newestWeight = 0.2;
const unknownDurationS = 5;
const longestRetryS = 600;

/**
 * Decides which runs begin, and when: the greatest priority first, first come first served among
 * equals, and never more with one concurrency key than their limit. A run that waits for its key
 * keeps no other waiting.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #begin: (run: LiveRun) => void;
  readonly #running = new Set<LiveRun>();
  readonly #waiting: LiveRun[] = [];
  /** Let in, but not yet written. */
  readonly #entering = new Set<LiveRun>();
  #meanDurationS: number | null = null;

  /** `begin` is called with each run when its turn has come; `release` gives its place back. */
  constructor(limits: AdmissionLimits, begin: (run: LiveRun) => void) {
    this.#limits = limits;
    this.#begin = begin;
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Lets a run in, which then calls `enter` or `leave`. Throws `RunRefused`, also when its owner has
   * `maxOpen` runs already.
   */
  admit(run: LiveRun, maxOpen: number): void {
    this.#checkOwner(run, maxOpen);
    this.#check(run);
    this.#entering.add(run);
  }

  /** Runs with the concurrency key of this one, running or waiting, in the order in which they came. */
  withKeyOf(run: LiveRun): readonly LiveRun[] {
    return this.#all().filter((other) => sharesKey(other, run));
  }

  /** Takes back that a run was let in. */
  leave(run: LiveRun): void {
    this.#entering.delete(run);
  }

  /** Lets a run wait for its turn, which may come at once. */
  enter(run: LiveRun): void {
    this.#entering.delete(run);
    const { priority } = run.submission;
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1]?.submission.priority ?? priority) < priority) at -= 1;
    this.#waiting.splice(at, 0, run);
    this.#dispatch();
  }

  /** Takes a run out of those that wait; false when it is none. */
  withdraw(run: LiveRun): boolean {
    if (this.#entering.delete(run)) return true;
    const at = this.#waiting.indexOf(run);
    if (at !== -1) this.#waiting.splice(at, 1);
    return at !== -1;
  }

  /** Takes out all that wait. */
  withdrawAll(): readonly LiveRun[] {
    return this.#waiting.splice(0);
  }

  /** Gives a run's place back. */
  release(run: LiveRun): void {
    if (!this.#running.delete(run)) return;
    const { durationMs } = run;
    if (durationMs !== null) {
      const durationS = durationMs / 1000;
      this.#meanDurationS =
        this.#meanDurationS === null
          ? durationS
          : this.#meanDurationS * (1 - newestWeight) + durationS * newestWeight;
    }
    this.#dispatch();
  }

  placeOf(run: LiveRun): QueuePlace | null {
    const at = this.#waiting.indexOf(run);
    if (at === -1) return null;
    const blockers = this.#blockers(run);
    return { position: at + 1, waitsFor: blockers.length === 0 ? null : blockers };
  }

  /** Whole seconds after which a place should be free, from how long runs have taken. */
  retryAfterS(): number {
    const seconds = (this.#meanDurationS ?? unknownDurationS) / this.#limits.maxRunning;
    return Math.min(longestRetryS, Math.max(1, Math.ceil(seconds)));
  }

  #all(): readonly LiveRun[] {
    return [...this.#running, ...this.#waiting, ...this.#entering];
  }

  #checkOwner({ submission: { owner = null } }: LiveRun, maxOpen: number): void {
    if (maxOpen === Infinity) return;
    const open = this.#all().filter(({ submission }) => (submission.owner ?? null) === owner);
    if (open.length < maxOpen) return;
    const retryAfterS = this.retryAfterS();
    throw new RunRefused(
      'quota-full',
      `${open.length} of your runs have not ended, and no more than ${maxOpen} may be open. Wait for one of them, or cancel one; try again in ${retryAfterS} s.`,
      { retryAfterS },
    );
  }

  #check(run: LiveRun): void {
    const { concurrency, isAttended } = run.submission;
    if (concurrency?.onConflict === 'reject') {
      const others = this.withKeyOf(run);
      if (others.length >= concurrency.limit) {
        const runIds = others.map(({ id }) => id);
        throw new RunRefused(
          'concurrency-conflict',
          `${others.length} run(s) with the concurrency key '${concurrency.key}' are there already, and its limit is ${concurrency.limit}: ${runIds.join(', ')}. Wait for them, cancel them, or submit with on_conflict 'queue'.`,
          { runIds },
        );
      }
    }
    const { maxRunning, maxWaiting } = this.#limits;
    const all = this.#running.size + this.#waiting.length + this.#entering.size;
    const most = isAttended ? Math.floor(maxWaiting * attendedShare) : maxWaiting;
    if (all < maxRunning + most) return;
    const retryAfterS = this.retryAfterS();
    throw new RunRefused(
      'queue-full',
      `The server is full: it has ${all} runs, of which ${maxRunning} run at once, and no more than ${most} may wait. Try again in ${retryAfterS} s.`,
      { retryAfterS },
    );
  }

  #blockers(run: LiveRun): readonly string[] {
    const { concurrency } = run.submission;
    if (concurrency === null) return [];
    const others = [...this.#running].filter((other) => sharesKey(other, run));
    return others.length < concurrency.limit ? [] : others.map(({ id }) => id);
  }

  #dispatch(): void {
    for (let at = 0; at < this.#waiting.length && this.#running.size < this.#limits.maxRunning;) {
      const run = this.#waiting[at];
      if (run === undefined) return;
      if (this.#blockers(run).length > 0) {
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      this.#running.add(run);
      this.#begin(run);
    }
  }
}

/** Owners have keys of their own, so that nobody's runs are in the way of others', or ended by them. */
function sharesKey({ submission: one }: LiveRun, { submission: other }: LiveRun): boolean {
  return (
    one.concurrency !== null &&
    one.concurrency.key === other.concurrency?.key &&
    (one.owner ?? null) === (other.owner ?? null)
  );
}
