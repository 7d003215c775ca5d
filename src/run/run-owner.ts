import { KedroServerError, ProjectError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import type { RunError } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { Admission } from './admission.ts';
import { LiveRun } from './live-run.ts';
import { RunJournal } from './run-journal.ts';
import type { RunLogEntry, RunLogEvent } from './run-log-entry.ts';
import { type FinalStatus, isFinal, type RunRecord } from './run-record.ts';
import type { KeyOwner, RunStore, StoredOutput } from './run-store.ts';
import type { RunTracer } from './run-trace.ts';

/** Sees every entry of every run's log, in order; it is not waited for and must not throw. */
export type RunObserver = (id: string, order: RunOrder, event: RunLogEvent) => void;

export interface RunOwnerOptions {
  readonly executor: Executor;
  /** Opens the project before a run; default: `executor.open`. */
  readonly openProject?: (() => Promise<unknown>) | undefined;
  readonly store: RunStore;
  readonly onEvent?: RunObserver | undefined;
  /** Told of each run whose end is written. */
  readonly onEnded: (record: RunRecord) => void;
  /** Makes traces of the runs. */
  readonly tracer?: RunTracer | undefined;
  /** Told when the store cannot be written; it is tried again. */
  readonly onStoreError: (error: unknown) => void;
  readonly maxWaiting: number;
  /** How long a run may take that brings no time of its own; default: without limit. */
  readonly timeoutMs?: number | undefined;
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

const maxTimerMs = 2 ** 31 - 1;

function toRunError(error: unknown): RunError {
  if (error instanceof ProjectError) return { type: error.type, message: error.message };
  if (error instanceof Error) return { type: error.name, message: error.message };
  return { type: 'Error', message: String(error) };
}

function cancelled(message: string) {
  return { type: 'RunCancelled', message, node: null };
}

/** Creates the owner of the runs of one executor. */
export function createRunOwner(options: RunOwnerOptions): RunOwner {
  const { executor, openProject = () => executor.open(), store, onEvent, onStoreError } = options;
  const { maxRunOutputBytes = 64 * 1024 * 1024 } = options;
  const journal = new RunJournal(store, options.onEnded, onStoreError);
  const live = new Map<string, LiveRun>();
  let onQueueEmpty: (() => void) | null = null;

  const admission = new Admission(
    {
      // A remote executor only knows it once it is open.
      get maxRunning() {
        return executor.capacity;
      },
      maxWaiting: options.maxWaiting,
    },
    (run) => void execute(run),
  );

  function note(run: LiveRun, entry: RunLogEntry, output: StoredOutput | null = null): void {
    journal.add(run, entry, output);
    onEvent?.(run.id, run.order, entry.event);
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

  function startTimer(run: LiveRun): ReturnType<typeof setTimeout> | undefined {
    const timeoutMs = run.submission.timeoutMs ?? options.timeoutMs ?? Infinity;
    if (timeoutMs > maxTimerMs) return undefined;
    const reason = `The run took longer than the ${timeoutMs} ms that it was given.`;
    return setTimeout(() => stop(run, 'timed_out', reason), timeoutMs);
  }

  async function execute(run: LiveRun): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (options.tracer !== undefined) run.traceBy(options.tracer);
    try {
      await openProject();
      run.begin();
      // Written before anything happens, so that a run is never begun twice; one whose caller is
      // gone with the server is not begun again anyway.
      if (!run.isAttended) {
        journal.touch(run);
        await journal.write();
      }
      for await (const event of executor.execute(run.order, { signal: run.abort.signal })) {
        if (event.type === 'run.started') timer = startTimer(run);
        const { entry, output } = run.take(event);
        note(run, entry, output);
      }
      if (!isFinal(run.status)) {
        throw new Error(`The events of run ${run.saveVersion} stopped before its end.`);
      }
    } catch (error) {
      if (!isFinal(run.status)) {
        const isClosed = error instanceof KedroServerError && error.code === 'executor-closed';
        const failure = isClosed
          ? cancelled('The server was stopped before this run had begun.')
          : { ...toRunError(error), node: null };
        note(run, run.finish(isClosed ? 'cancelled' : 'failed', failure));
      }
    }
    clearTimeout(timer);
    await settle(run);
  }

  /** The decision between a run's end and a stop falls here, once: what is over is not stopped. */
  function stop(run: LiveRun, kind: 'cancelled' | 'timed_out', reason: string): void {
    const entry = run.wishStop({ kind, reason });
    if (entry === null) return;
    note(run, entry);
    if (admission.withdraw(run)) {
      note(run, run.finish('cancelled', cancelled(reason)));
      void settle(run);
    } else {
      run.abort.abort(reason);
    }
  }

  /** Ends what nobody could take up later, and leaves the rest for the next process. */
  function dropWaiting(): void {
    for (const run of admission.withdrawAll()) {
      if (store.isDurable && !run.isAttended) {
        live.delete(run.id);
        run.ended.resolve(run.written);
        continue;
      }
      note(
        run,
        run.finish('cancelled', cancelled('The server was stopped before this run had begun.')),
      );
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
        const hasBegun = record.status !== 'queued';
        const status: FinalStatus = hasBegun ? 'lost' : 'cancelled';
        const failure = hasBegun
          ? {
              type: 'RunLost',
              message:
                'The server ended while this run was running; what of its work was done by then is not known.',
              node: null,
            }
          : cancelled('The server ended before this run had begun, and its caller with it.');
        note(run, run.finish(status, failure));
      }
      await journal.write();
      for (const run of live.values()) admission.enter(run);
    },
    accept: async (record, key, maxOpen) => {
      const run = new LiveRun(record, maxRunOutputBytes);
      admission.admit(run, maxOpen);
      const { concurrency } = record.submission;
      if (concurrency?.onConflict === 'cancel_running') {
        for (const other of admission.withKeyOf(run)) {
          if (other === run) continue;
          stop(other, 'cancelled', `Run ${run.id} took the place of this one.`);
        }
      }
      live.set(run.id, run);
      note(run, run.append({ type: 'run.queued' }));
      if (key !== null) journal.addKey(key);
      try {
        await journal.write();
      } catch (error) {
        journal.forget(run);
        live.delete(run.id);
        admission.leave(run);
        throw error;
      }
      if (!isFinal(run.status)) admission.enter(run);
      return run;
    },
    stop: (run, reason) => stop(run, 'cancelled', reason),
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
