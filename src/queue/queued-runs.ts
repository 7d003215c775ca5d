import { executorClosed } from '../executor/executor-closed.ts';
import { KedroServerError } from '../errors.ts';
import { createCallbacks } from '../run/callbacks.ts';
import { createRunRecord } from '../run/create-run-record.ts';
import { findReplay } from '../run/find-replay.ts';
import { followRun } from '../run/follow-run.ts';
import { maxTimerMs } from '../run/run-life.ts';
import { isFinal, type RunRecord, type RunSubmission } from '../run/run-record.ts';
import {
  keyLifeMs,
  pruneEveryMs,
  type Runs,
  type RunsOptions,
  type SubmitOptions,
  type Submitted,
  toRunLimits,
} from '../run/runs.ts';
import type { QueueLink } from './queue-link.ts';
import type { QueueProject } from './queue-project.ts';
import type { QueueServer } from './queue-server.ts';
import { repeatedly, type Repetition } from './repeatedly.ts';
import { WatchedRun } from './watched-run.ts';

/** How long an answer is held back for the worker to note that a run is asked to stop. */
const noteWithinMs = 1000;
const retryAfterS = 5;
const callbacksEveryMs = 1000;
const callbackTurn = { limit: 100, holdMs: 60_000 };

/**
 * Creates the runs of a queue, as one of the servers that share them: it accepts, reads and asks;
 * workers decide the rest. It closes the executor with itself.
 */
export function createQueuedRuns(
  link: QueueLink,
  project: QueueProject,
  server: QueueServer,
  options: RunsOptions,
): Runs {
  const { store } = link;
  const { executor, onEvent } = options;
  const { maxWaiting, maxRunAgeMs, maxEndedRuns } = toRunLimits(options);
  const closing = new AbortController();
  const closed = new AbortController();
  /** Runs that callers of this server wait for. */
  const attended = new Set<string>();
  let shutting: Promise<void> | null = null;

  const callbacks =
    options.callbacks &&
    createCallbacks({
      ...options.callbacks,
      // Of all servers one at a time has a callback; one that fails comes round again when it is due.
      store: { ...store, owedCallbacks: () => store.takeCallbacks(callbackTurn) },
      onStoreError: link.onError,
    });
  let callbackTurns: Repetition | null = null;
  let prunings: Repetition | null = null;

  async function prune(): Promise<void> {
    const nowMs = Date.now();
    await store.prune({ endedBeforeMs: nowMs - maxRunAgeMs, maxEndedRuns, nowMs });
  }

  async function open(): Promise<void> {
    await server.open();
    if (!closing.signal.aborted) prunings ??= repeatedly(pruneEveryMs, prune, link.onError);
    if (callbacks !== undefined && !closing.signal.aborted) {
      callbackTurns ??= repeatedly(callbacksEveryMs, () => callbacks.open(), link.onError);
    }
  }

  function toRecord(submission: RunSubmission, saveVersion: string): RunRecord {
    const timeoutMs = submission.timeoutMs ?? options.timeoutMs ?? null;
    return createRunRecord({ ...submission, timeoutMs }, saveVersion);
  }

  async function submit(
    submission: RunSubmission,
    { key = null, check, maxOpen = Infinity, withdrawn }: SubmitOptions = {},
  ): Promise<Submitted> {
    if (closing.signal.aborted) throw executorClosed();
    await open();
    const known = key === null ? null : await store.findKey(key.key, Date.now());
    if (key !== null && known !== null) {
      return { record: await findReplay(key, known, get), isReplay: true };
    }
    await check?.();
    if (closing.signal.aborted) throw executorClosed();
    const record = toRecord(submission, await store.nextSaveVersion());
    const keyOwner =
      key === null
        ? null
        : { ...key, runId: record.id, expiresAtMs: record.createdAtMs + keyLifeMs };
    const limits = { maxQueued: maxWaiting, maxOpen, retryAfterS };
    const acceptance = await server.accept(record, keyOwner, limits);
    if (acceptance.kind === 'replay') {
      if (key === null) throw new Error('A run without a key cannot be a replay.');
      return { record: await findReplay(key, acceptance.owner, get), isReplay: true };
    }
    const accepted = acceptance.record;
    onEvent?.(accepted.id, { runId: accepted.saveVersion, ...submission.order }, queued);
    if (accepted.isAttended) attend(accepted.id, withdrawn);
    return { record: accepted, isReplay: false };
  }

  /** Ends a run that has not begun when its caller goes away. */
  function attend(runId: string, withdrawn: AbortSignal | undefined): void {
    attended.add(runId);
    const leave = (): void => {
      void endUnbegun(runId, 'The caller went away before the run had begun.').catch(link.onError);
    };
    withdrawn?.addEventListener('abort', leave, { once: true });
    if (withdrawn?.aborted === true) leave();
    void server.untilOver(runId, closed.signal).finally(() => {
      attended.delete(runId);
      withdrawn?.removeEventListener('abort', leave);
    });
  }

  /** Does nothing to a run that a worker has. */
  async function endUnbegun(runId: string, reason: string): Promise<void> {
    const record = await store.get(runId);
    if (record?.status === 'queued') await server.stop(runId, { kind: 'cancelled', reason });
  }

  async function get(id: string): Promise<RunRecord | null> {
    await open();
    return store.get(id);
  }

  async function watch(
    id: string,
    isSo: (run: WatchedRun) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<RunRecord | null> {
    await open();
    using run = new WatchedRun(store, id);
    await run.until(
      () => isSo(run),
      signal === undefined ? [closed.signal] : [signal, closed.signal],
    );
    return await store.get(id);
  }

  async function waitForEnd(id: string, signal?: AbortSignal): Promise<RunRecord | null> {
    const record = await watch(id, (run) => run.isOver, signal);
    if (record === null || isFinal(record.status) || signal !== undefined) return record;
    throw new KedroServerError(
      'executor-closed',
      `The server is stopping. Run ${id} goes on at its worker: another server of the queue tells how it ends.`,
    );
  }

  async function cancel(id: string, reason: string) {
    await open();
    const outcome = await server.stop(id, { kind: 'cancelled', reason });
    if (outcome === 'ended' || outcome === 'unknown') return outcome;
    if (outcome === 'stopping') {
      const isNoted = (run: WatchedRun): boolean =>
        run.isOver || run.change?.status === 'cancelling';
      await watch(id, isNoted, AbortSignal.timeout(noteWithinMs));
    }
    return 'cancelling';
  }

  /** Runs that wait for callers here cannot be told to them later: they have the grace, and no more. */
  async function shutDown(): Promise<void> {
    const { stopGraceMs = Infinity } = options;
    const timer =
      stopGraceMs > maxTimerMs ? undefined : setTimeout(() => closed.abort(), stopGraceMs);
    await Promise.all([...attended].map((id) => server.untilOver(id, closed.signal)));
    clearTimeout(timer);
    const reason = 'The server was stopped before this run had begun.';
    await Promise.all([...attended].map((id) => endUnbegun(id, reason).catch(link.onError)));
    closed.abort();
    await callbackTurns?.stop();
    await prunings?.stop();
    await callbacks?.close();
    await executor.close({ graceMs: 0 });
  }

  return {
    get capacity() {
      return executor.capacity;
    },
    get load() {
      const { active, waiting } = project.counts;
      return { running: active, waiting, maxWaiting };
    },
    open,
    check: async () => {
      await open();
      await store.check();
    },
    submit,
    get,
    findVersion: async (saveVersion) => {
      await open();
      return store.findVersion(saveVersion);
    },
    list: async (query) => {
      await open();
      return store.list(query);
    },
    placeOf: () => null,
    waitForEnd,
    leaveAlone: async (id) => {
      attended.delete(id);
      await link.board.leaveAlone(id);
    },
    waitForChange: (id, sinceEventId, signal) =>
      watch(id, (run) => run.isOver || run.written.lastEventId > sinceEventId, signal),
    async *read(id, followOptions) {
      await open();
      using run = new WatchedRun(store, id);
      const find = (): WatchedRun | null => (run.isOver ? null : run);
      yield* followRun(id, find, store, { ...followOptions, closed: closed.signal });
    },
    output: async (id, name) => {
      await open();
      return store.output(id, name);
    },
    cancel,
    retryAfterS: () => retryAfterS,
    close: async () => {
      closing.abort();
      shutting ??= shutDown();
      return shutting;
    },
  };
}

const queued = { type: 'run.queued' } as const;
