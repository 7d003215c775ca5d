import { executorClosed } from '../executor/executor-closed.ts';
import type { QueuePlace } from './admission.ts';
import { createCallbacks, type CallbacksOptions } from './callbacks.ts';
import { createRunRecord } from './create-run-record.ts';
import { findReplay } from './find-replay.ts';
import { followRun, type FollowOptions, untilWritten } from './follow-run.ts';
import type { LiveRun } from './live-run.ts';
import { createMemoryRunStore } from './memory-run-store.ts';
import type { RunLogEntry } from './run-log-entry.ts';
import { createRunOwner, type RunOwnerOptions } from './run-owner.ts';
import { isFinal, type RunRecord, type RunSubmission } from './run-record.ts';
import { RunRefused } from './run-refused.ts';
import { createSaveVersions } from './save-versions.ts';
import {
  allRuns,
  type KeyOwner,
  type RunQuery,
  type RunStore,
  type StoredOutput,
} from './run-store.ts';

export type { RunObserver } from './run-life.ts';

export interface RunsOptions extends Pick<
  RunOwnerOptions,
  | 'executor'
  | 'openProject'
  | 'onEvent'
  | 'tracer'
  | 'hide'
  | 'timeoutMs'
  | 'stopGraceMs'
  | 'maxRunOutputBytes'
  | 'overlap'
> {
  /** How runs' ends are told to whom their submissions name; without it nobody is told. */
  readonly callbacks?: Omit<CallbacksOptions, 'store' | 'onStoreError'> | undefined;
  /** Default: a bounded one in memory. */
  readonly store?: RunStore | undefined;
  /** Told when the store cannot write or remove; it is tried again. */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
  /** Runs that may wait; default: 2,000. Callers that wait for the end may fill three quarters of it. */
  readonly maxWaiting?: number | undefined;
  /** Age in milliseconds at which runs that have ended are removed; default: 30 days. */
  readonly maxRunAgeMs?: number | undefined;
  /** Runs that have ended beyond so many are removed, the oldest first; default: 10,000. */
  readonly maxEndedRuns?: number | undefined;
}

/** The caller's own name for a submission, with a digest of what is submitted. */
export type IdempotencyToken = Pick<KeyOwner, 'key' | 'fingerprint'>;

export interface SubmitOptions {
  readonly key?: IdempotencyToken | null;
  /** Waited for before a new run is accepted; what it throws refuses it. A replay needs no check. */
  readonly check?: (() => Promise<void>) | undefined;
  /** Runs of the same owner that may be open, with this one; default: without limit. */
  readonly maxOpen?: number | undefined;
  /** When it aborts before the run has started, the run is cancelled; later it counts no more. */
  readonly withdrawn?: AbortSignal | undefined;
}

export interface Submitted {
  readonly record: RunRecord;
  /** Whether it is the run of an earlier submission under the same key. */
  readonly isReplay: boolean;
}

export type CancelOutcome = 'cancelling' | 'ended' | 'unknown';

/** The one owner of every run's life: who wants a run to happen, or to end, asks here. */
export interface Runs {
  readonly capacity: number;
  readonly load: {
    readonly running: number;
    readonly waiting: number;
    readonly maxWaiting: number;
  };
  /** Opens the store and takes up what an earlier process left. The other calls do it if need be. */
  open(): Promise<void>;
  /** Throws `KedroServerError` (`store-unusable`) when runs cannot be kept now. */
  check(): Promise<void>;
  /**
   * Accepts a run: it is written before it can begin. Throws `RunRefused`, and `KedroServerError`
   * (`executor-closed`, `store-unusable`).
   */
  submit(submission: RunSubmission, options?: SubmitOptions): Promise<Submitted>;
  get(id: string): Promise<RunRecord | null>;
  /** The run that `/run` has named, and Kedro knows, by this version. */
  findVersion(saveVersion: string): Promise<RunRecord | null>;
  list(query: RunQuery): Promise<readonly RunRecord[]>;
  /** Null when it does not wait. */
  placeOf(id: string): QueuePlace | null;
  /** Resolves with the record in its final state, or as it is when the signal aborts first. */
  waitForEnd(id: string, signal?: AbortSignal): Promise<RunRecord | null>;
  /**
   * Tells that the caller knows of the run and waits no more: a durable store keeps it for the next
   * server, where it would have been cancelled with its caller.
   */
  leaveAlone(id: string): Promise<void>;
  /** Resolves when there are entries after `sinceEventId`, it is over, or the signal aborts. */
  waitForChange(id: string, sinceEventId: number, signal: AbortSignal): Promise<RunRecord | null>;
  /** Reads a run's log; see `followRun`. It also ends when the server closes. */
  read(id: string, options: FollowOptions): AsyncIterable<readonly RunLogEntry[]>;
  output(id: string, name: string): Promise<StoredOutput | null>;
  /** Asks a run to stop; asking again is the same. */
  cancel(id: string, reason: string): Promise<CancelOutcome>;
  /** Whole seconds after which trying again makes sense, from measured durations. */
  retryAfterS(): number;
  /**
   * Refuses new runs, lets those in hand end within the grace, and closes the executor and the
   * store. Runs that still wait then stay queued for the next process where the store is durable
   * and nobody waits for them here; the others are cancelled.
   */
  close(): Promise<void>;
}

/** How long an idempotency key is known. */
export const keyLifeMs = 24 * 60 * 60 * 1000;
/** How often it is looked for runs that are not to be kept. */
export const pruneEveryMs = 10 * 60 * 1000;

/** What may wait, and what is kept. */
export function toRunLimits({
  maxWaiting = 2000,
  maxRunAgeMs = 30 * 24 * 60 * 60 * 1000,
  maxEndedRuns = 10_000,
}: Pick<RunsOptions, 'maxWaiting' | 'maxRunAgeMs' | 'maxEndedRuns'>) {
  return { maxWaiting, maxRunAgeMs, maxEndedRuns };
}

/** Creates the owner of the runs of one executor, which it closes with itself. */
export function createRuns(options: RunsOptions): Runs {
  const { maxWaiting, maxRunAgeMs, maxEndedRuns } = toRunLimits(options);
  const { store = createMemoryRunStore(), onStoreError = () => undefined } = options;
  const callbacks =
    options.callbacks && createCallbacks({ ...options.callbacks, store, onStoreError });
  const onEnded = (record: RunRecord): void => callbacks?.add(record);
  const owner = createRunOwner({ ...options, store, onStoreError, onEnded, maxWaiting });
  const { admission } = owner;
  const saveVersions = createSaveVersions();
  const pendingKeys = new Set<string>();
  const closed = new AbortController();
  let opening: Promise<void> | null = null;
  let closing: Promise<void> | null = null;
  /** By `performance.now()`. */
  let prunedAtMs = Number.NEGATIVE_INFINITY;
  /** The time when this began, less what `performance.now()` was. */
  let originMs = 0;

  /** Milliseconds since 1970, but as they pass: a clock that is set anew removes nothing. */
  function steadyNowMs(): number {
    return Math.floor(originMs + performance.now());
  }

  async function prune(): Promise<void> {
    if (performance.now() - prunedAtMs < pruneEveryMs) return;
    prunedAtMs = performance.now();
    const nowMs = steadyNowMs();
    await store
      .prune({ endedBeforeMs: nowMs - maxRunAgeMs, maxEndedRuns, nowMs })
      .catch(onStoreError);
  }

  async function takeUp(): Promise<void> {
    await store.open();
    originMs = Date.now() - performance.now();
    const [newest] = await store.list({ ...allRuns, limit: 1 });
    if (newest !== undefined) saveVersions.startAfter(newest.saveVersion);
    await callbacks?.open();
    await owner.recover(await store.unfinished());
  }

  async function open(): Promise<void> {
    opening ??= takeUp();
    try {
      await opening;
    } catch (error) {
      opening = null;
      throw error;
    }
  }

  async function get(id: string): Promise<RunRecord | null> {
    await open();
    return owner.find(id)?.written ?? store.get(id);
  }

  async function accept(
    submission: RunSubmission,
    { key = null, check, maxOpen = Infinity, withdrawn }: SubmitOptions,
  ): Promise<RunRecord> {
    await check?.();
    if (closing !== null) throw executorClosed();
    const record = createRunRecord(submission, saveVersions.next());
    const { id: runId } = record;
    const expiresAtMs = steadyNowMs() + keyLifeMs;
    const keyOwner = key === null ? null : { ...key, runId, expiresAtMs };
    const run = await owner.accept(record, keyOwner, maxOpen);
    if (withdrawn !== undefined) watchCaller(run, withdrawn, owner.stop);
    void prune();
    return run.written;
  }

  async function submit(
    submission: RunSubmission,
    submitOptions: SubmitOptions = {},
  ): Promise<Submitted> {
    if (closing !== null) throw executorClosed();
    await open();
    const { key = null } = submitOptions;
    if (key === null) {
      return { record: await accept(submission, submitOptions), isReplay: false };
    }
    if (pendingKeys.has(key.key)) {
      throw new RunRefused(
        'key-pending',
        `A request with the idempotency key '${key.key}' is being accepted in this moment. Send it again.`,
        { retryAfterS: 1 },
      );
    }
    pendingKeys.add(key.key);
    try {
      const known = await store.findKey(key.key, steadyNowMs());
      if (known !== null) return { record: await findReplay(key, known, get), isReplay: true };
      return { record: await accept(submission, submitOptions), isReplay: false };
    } finally {
      pendingKeys.delete(key.key);
    }
  }

  async function waitForEnd(id: string, signal?: AbortSignal): Promise<RunRecord | null> {
    await open();
    const run = owner.find(id);
    if (run === null) return store.get(id);
    if (signal === undefined) return run.ended.promise;
    const { promise, resolve } = Promise.withResolvers<RunRecord>();
    const giveUp = (): void => resolve(run.written);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await Promise.race([run.ended.promise, promise]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async function shutDown(): Promise<void> {
    await opening?.catch(() => undefined);
    await owner.close();
    closed.abort();
    await callbacks?.close();
    await store.close();
  }

  return {
    get capacity() {
      return options.executor.capacity;
    },
    get load() {
      return { running: admission.running, waiting: admission.waiting, maxWaiting };
    },
    open,
    check: open,
    submit,
    get,
    findVersion: async (saveVersion) => {
      await open();
      const found = await store.findVersion(saveVersion);
      return found === null ? null : get(found.id);
    },
    list: async (query) => {
      await open();
      return store.list(query);
    },
    placeOf: (id) => {
      const run = owner.find(id);
      return run === null ? null : admission.placeOf(run);
    },
    waitForEnd,
    leaveAlone: async (id) => {
      const run = owner.find(id);
      if (run !== null) await owner.leaveAlone(run);
    },
    waitForChange: async (id, sinceEventId, signal) => {
      await open();
      const run = owner.find(id);
      if (run !== null) await untilWritten(run, sinceEventId, [signal, closed.signal]);
      return get(id);
    },
    async *read(id, followOptions) {
      await open();
      yield* followRun(id, owner.find, store, { ...followOptions, closed: closed.signal });
    },
    output: async (id, name) => {
      await open();
      return store.output(id, name);
    },
    cancel: async (id, reason) => {
      await open();
      const run = owner.find(id);
      if (run === null) return (await store.get(id)) === null ? 'unknown' : 'ended';
      if (isFinal(run.status)) return 'ended';
      owner.stop(run, reason);
      await owner.write();
      return 'cancelling';
    },
    retryAfterS: () => admission.retryAfterS(),
    close: async () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

function watchCaller(
  run: LiveRun,
  withdrawn: AbortSignal,
  stop: (run: LiveRun, reason: string) => void,
): void {
  const leave = (): void => {
    if (!run.hasStarted) stop(run, 'The caller went away before the run had begun.');
  };
  const stay = (): void => withdrawn.removeEventListener('abort', leave);
  withdrawn.addEventListener('abort', leave, { once: true });
  void run.ended.promise.then(stay, stay);
  if (withdrawn.aborted) leave();
}
