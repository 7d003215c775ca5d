import type { DatasetClaim } from '../executor/dataset-claims.ts';
import type { Executor } from '../executor/executor.ts';
import { Admission } from './admission.ts';
import { ClaimFinder } from './claim-finder.ts';
import { defaultMaxRunOutputBytes, LiveRun } from './live-run.ts';
import { RunJournal } from './run-journal.ts';
import type { RunLogEvent } from './run-log-entry.ts';
import {
  cancelled,
  createRunLife,
  maxTimerMs,
  type RunLifeOptions,
  toRunError,
  warning,
} from './run-life.ts';
import { isFinal, type Overlap, type RunRecord } from './run-record.ts';
import type { KeyOwner, RunStore } from './run-store.ts';

export interface RunOwnerOptions extends RunLifeOptions {
  readonly executor: Executor;
  readonly store: RunStore;
  /** Told of each run whose end is written. */
  readonly onEnded: (record: RunRecord) => void;
  /** Told when the store cannot be written; it is tried again. */
  readonly onStoreError: (error: unknown) => void;
  readonly maxWaiting: number;
  /**
   * What becomes of a run that would write what another reads or writes, or read what it writes,
   * where its submission does not say: it waits, or both run. Default: `wait`.
   */
  readonly overlap?: Overlap | undefined;
  /** UTF-8 bytes of JSON that all outputs of a run may take together; default: 64 MiB. */
  readonly maxRunOutputBytes?: number | undefined;
  /** How long `close()` lets runs go on before it ends them; default: without limit. */
  readonly stopGraceMs?: number | undefined;
}

/** Decides what becomes of each run from its acceptance to its end. */
export interface RunOwner {
  readonly admission: Admission;
  find(id: string): LiveRun | null;
  /** Takes up runs that an earlier process left. */
  recover(left: readonly RunRecord[]): Promise<void>;
  /**
   * Writes a run and lets it wait for its turn, if its owner has fewer than `maxOpen`. Throws `RunRefused`, and what the store throws;
   * then nothing of the run is kept.
   */
  accept(record: RunRecord, key: KeyOwner | null, maxOpen: number): Promise<LiveRun>;
  /** Asks a run to stop. What is over, or has been asked before, is left as it is. */
  stop(run: LiveRun, reason: string): void;
  /** Lets a run happen whether or not its caller is there. */
  leaveAlone(run: LiveRun): Promise<void>;
  /** Writes all that has happened. */
  write(): Promise<void>;
  /** Lets runs end within the grace, and closes the executor; see `Runs.close`. */
  close(): Promise<void>;
}

/** What keeps the claims from being found keeps most runs from beginning; those that do are told. */
function unknownClaims(error: unknown): RunLogEvent {
  const { type, message } = toRunError(error);
  return warning(
    `It is not known which datasets this run uses, so it may overlap with others that use them: ${type}: ${message}`,
  );
}

/** Creates the owner of the runs of one executor. */
export function createRunOwner(options: RunOwnerOptions): RunOwner {
  const { executor, store, onStoreError, maxRunOutputBytes = defaultMaxRunOutputBytes } = options;
  const journal = new RunJournal(store, options.onEnded, onStoreError);
  const life = createRunLife(journal, options);
  const live = new Map<string, LiveRun>();
  const claims = new ClaimFinder(executor);
  let onQueueEmpty: (() => void) | null = null;

  const admission = new Admission(
    {
      // A remote executor only knows it once it is open.
      get maxRunning() {
        return executor.capacity;
      },
      maxWaiting: options.maxWaiting,
    },
    (run) => void life.execute(run).then(() => settle(run)),
  );

  function claimsOf(run: LiveRun): readonly DatasetClaim[] | Promise<readonly DatasetClaim[]> {
    const { overlap = options.overlap } = run.submission;
    const found = overlap === 'allow' ? [] : claims.of(run.submission);
    if (!(found instanceof Promise)) return found;
    return found.catch((error: unknown) => {
      if (!isFinal(run.status)) life.note(run, run.append(unknownClaims(error)));
      return [];
    });
  }

  /** Writes a run's end; whoever waits for it is told after that. */
  async function settle(run: LiveRun): Promise<void> {
    try {
      await journal.write();
      run.ended.resolve(run.written);
    } catch (error) {
      run.ended.reject(error);
    }
    live.delete(run.id);
    admission.release(run);
    if (admission.waiting === 0) onQueueEmpty?.();
  }

  function stop(run: LiveRun, reason: string): void {
    if (!life.stop(run, { kind: 'cancelled', reason }) || !admission.withdraw(run)) return;
    life.finish(run, 'cancelled', cancelled(reason));
    void settle(run);
  }

  /** Ends what nobody could take up later, and leaves the rest for the next process. */
  function dropWaiting(): void {
    for (const run of admission.withdrawAll()) {
      if (store.isDurable && !run.isAttended) {
        live.delete(run.id);
        run.ended.resolve(run.written);
        continue;
      }
      life.finish(run, 'cancelled', cancelled('The server was stopped before this run had begun.'));
      void settle(run);
    }
  }

  async function drainQueue(graceMs: number): Promise<void> {
    if (admission.waiting === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    onQueueEmpty = resolve;
    const timer = graceMs > maxTimerMs ? undefined : setTimeout(resolve, graceMs);
    await promise;
    clearTimeout(timer);
    dropWaiting();
  }

  return {
    admission,
    find: (id) => live.get(id) ?? null,
    recover: async (left) => {
      for (const record of left) {
        const run = new LiveRun(record, maxRunOutputBytes);
        if (record.status === 'queued' && !record.isAttended) {
          live.set(run.id, run);
          continue;
        }
        if (record.status === 'queued') {
          const message = 'The server ended before this run had begun, and its caller with it.';
          life.finish(run, 'cancelled', cancelled(message));
          continue;
        }
        const message =
          'The server ended while this run was running; what of its work was done by then is not known.';
        life.finish(run, 'lost', { type: 'RunLost', message, node: null });
      }
      await journal.write();
      for (const run of live.values()) admission.enter(run, claimsOf(run));
    },
    accept: async (record, key, maxOpen) => {
      const run = new LiveRun(record, maxRunOutputBytes);
      admission.admit(run, maxOpen);
      const { concurrency } = record.submission;
      if (concurrency?.onConflict === 'cancel_running') {
        for (const other of admission.withKeyOf(run)) {
          if (other === run) continue;
          stop(other, `Run ${run.id} took the place of this one.`);
        }
      }
      live.set(run.id, run);
      life.note(run, run.append({ type: 'run.queued' }));
      if (key !== null) journal.addKey(key);
      const found = claimsOf(run);
      try {
        await journal.write();
      } catch (error) {
        journal.forget(run);
        live.delete(run.id);
        admission.leave(run);
        throw error;
      }
      if (!isFinal(run.status)) admission.enter(run, found);
      return run;
    },
    stop,
    leaveAlone: async (run) => {
      if (!run.isAttended || isFinal(run.status)) return;
      run.leaveAlone();
      journal.touch(run);
      await journal.write();
    },
    write: () => journal.write(),
    close: async () => {
      const beganAt = performance.now();
      const graceMs = options.stopGraceMs ?? Infinity;
      await drainQueue(graceMs);
      const ends = Array.from(live.values(), ({ ended }) => ended.promise.catch(() => undefined));
      const leftMs = Math.max(0, graceMs - (performance.now() - beganAt));
      await executor.close(Number.isFinite(leftMs) ? { graceMs: leftMs } : {});
      await Promise.all(ends);
      await journal.write().catch(onStoreError);
      journal.close();
    },
  };
}
