import type { DatasetClaim } from '../executor/dataset-claims.ts';
import { findConflict } from './claims-conflict.ts';
import type { LiveRun } from './live-run.ts';
import { keyTaken, quotaFull, RunRefused } from './run-refused.ts';

/** Where a run that waits stands. */
export interface QueuePlace {
  /** 1 is next. */
  readonly position: number;
  /**
   * Runs that it waits for, those of other owners and those beyond twenty left out: with its
   * concurrency key, or with its datasets. Null: it waits for a free place.
   */
  readonly waitsFor: readonly string[] | null;
  /** Datasets of its own that other runs are at, or will be before it. */
  readonly datasets: readonly string[];
}

type Claims = readonly DatasetClaim[];

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

const mostBlockers = 20;
const noClaims: Claims = [];

/**
 * Decides which runs begin, and when: the greatest priority first, first come first served among
 * equals. Never more begin with one concurrency key than their limit, and none that is in conflict
 * over a dataset with one that runs. A run that waits for either is passed by those that are not
 * in conflict with it, and by no others: so each waits only for runs that are ahead of it.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #begin: (run: LiveRun) => void;
  readonly #running = new Set<LiveRun>();
  readonly #waiting: LiveRun[] = [];
  /** Of those that have any; null until they are known, and then the run can begin. */
  readonly #claims = new Map<LiveRun, Claims | null>();
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

  /**
   * Lets a run wait for its turn, which may come at once; with `claims` that are still looked for,
   * when they are there.
   */
  enter(run: LiveRun, claims: Claims | Promise<Claims> = noClaims): void {
    this.#entering.delete(run);
    if (claims instanceof Promise) {
      this.#claims.set(run, null);
      void claims.then((found) => {
        if (!this.#claims.has(run)) return;
        this.#claims.set(run, found);
        this.#dispatch();
      });
    } else if (claims.length > 0) {
      this.#claims.set(run, claims);
    }
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
    if (at === -1) return false;
    this.#waiting.splice(at, 1);
    this.#claims.delete(run);
    // Others may have waited for it.
    this.#dispatch();
    return true;
  }

  /** Takes out all that wait. */
  withdrawAll(): readonly LiveRun[] {
    for (const run of this.#waiting) this.#claims.delete(run);
    return this.#waiting.splice(0);
  }

  /** Gives a run's place back. */
  release(run: LiveRun): void {
    if (!this.#running.delete(run)) return;
    this.#claims.delete(run);
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
    // What it waits for is not known before its claims are.
    if (at === -1 || this.#claims.get(run) === null) return null;
    const blockers: string[] = [];
    const datasets = new Set<string>();
    const mine = this.#claims.get(run) ?? noClaims;
    const isKeyFull = this.#isKeyFull(run, this.#waiting.slice(0, at));
    for (const other of this.#ahead(at)) {
      const dataset = findConflict(mine, this.#claims.get(other) ?? noClaims);
      if (dataset !== null) datasets.add(dataset);
      if (dataset === null && !(isKeyFull && sharesKey(other, run))) continue;
      if (ownerOf(other) === ownerOf(run)) blockers.push(other.id);
      if (blockers.length === mostBlockers) break;
    }
    const isFree = blockers.length === 0 && datasets.size === 0;
    return { position: at + 1, waitsFor: isFree ? null : blockers, datasets: [...datasets] };
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
    throw quotaFull(open.length, maxOpen, this.retryAfterS());
  }

  #check(run: LiveRun): void {
    const { concurrency, isAttended } = run.submission;
    if (concurrency?.onConflict === 'reject') {
      const others = this.withKeyOf(run);
      if (others.length >= concurrency.limit) {
        throw keyTaken(
          concurrency,
          others.map(({ id }) => id),
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

  /** Those that run, then those that wait before place `at`, in their order. */
  *#ahead(at: number): Iterable<LiveRun> {
    yield* this.#running;
    for (let index = 0; index < at; index += 1) {
      const run = this.#waiting[index];
      if (run !== undefined) yield run;
    }
  }

  #isKeyFull(run: LiveRun, ahead: Iterable<LiveRun>): boolean {
    const { concurrency } = run.submission;
    if (concurrency === null) return false;
    let count = 0;
    for (const other of this.#running) if (sharesKey(other, run)) count += 1;
    for (const other of ahead) if (sharesKey(other, run)) count += 1;
    return count >= concurrency.limit;
  }

  #areTaken(claims: Claims, ahead: Iterable<Claims>): boolean {
    for (const other of this.#running) {
      if (findConflict(claims, this.#claims.get(other) ?? noClaims) !== null) return true;
    }
    for (const other of ahead) if (findConflict(claims, other) !== null) return true;
    return false;
  }

  #dispatch(): void {
    const passed: LiveRun[] = [];
    const passedClaims = new Set<Claims>();
    const taken = new Set<Claims>();
    for (let at = 0; at < this.#waiting.length && this.#running.size < this.#limits.maxRunning;) {
      const run = this.#waiting[at];
      if (run === undefined) return;
      const claims = this.#claims.get(run);
      const mine = claims ?? noClaims;
      // Runs of one kind share their claims: a long queue of them is looked through once.
      const isTaken = taken.has(mine) || this.#areTaken(mine, passedClaims);
      if (isTaken) taken.add(mine);
      if (isTaken || claims === null || this.#isKeyFull(run, passed)) {
        passed.push(run);
        if (mine.length > 0) passedClaims.add(mine);
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      this.#running.add(run);
      this.#begin(run);
    }
  }
}

function ownerOf({ submission }: LiveRun): string | null {
  return submission.owner ?? null;
}

/** Owners have keys of their own, so that nobody's runs are in the way of others', or ended by them. */
function sharesKey({ submission: one }: LiveRun, { submission: other }: LiveRun): boolean {
  return (
    one.concurrency !== null &&
    one.concurrency.key === other.concurrency?.key &&
    (one.owner ?? null) === (other.owner ?? null)
  );
}
