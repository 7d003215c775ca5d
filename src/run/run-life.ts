import { KedroServerError, ProjectError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import type { RunError } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import type { LiveRun, StopWish } from './live-run.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunLogEntry, RunLogEvent } from './run-log-entry.ts';
import { type FinalStatus, isFinal, type RunErrorAtNode } from './run-record.ts';
import type { StoredOutput } from './run-store.ts';
import { redactEvent } from './redact-event.ts';
import type { RunTracer } from './run-trace.ts';

/** Sees every entry of every run's log, in order; it is not waited for and must not throw. */
export type RunObserver = (id: string, order: RunOrder, event: RunLogEvent) => void;

export interface RunLifeOptions {
  readonly executor: Pick<Executor, 'open' | 'execute'>;
  /** Opens the project before a run; default: `executor.open`. */
  readonly openProject?: (() => Promise<unknown>) | undefined;
  readonly onEvent?: RunObserver | undefined;
  /** Makes traces of the runs. */
  readonly tracer?: RunTracer | undefined;
  /** Takes out of a run's texts what the server must not show; an executor does so for its project. */
  readonly hide?: ((text: string) => string) | undefined;
  /** How long a run may take that brings no time of its own; default: without limit. */
  readonly timeoutMs?: number | undefined;
}

/** What happens to a run from its turn to its end, wherever its turn is decided. */
export interface RunLife {
  note(run: LiveRun, entry: RunLogEntry, output?: StoredOutput | null): void;
  /** Executes a run whose turn has come; resolves when its end is noted. */
  execute(run: LiveRun): Promise<void>;
  /** Notes that a run is to stop; false when it is over, or has been asked before. */
  stop(run: LiveRun, wish: StopWish): boolean;
  /** Ends a run without the executor. */
  finish(run: LiveRun, status: FinalStatus, error: RunErrorAtNode): void;
}

export const maxTimerMs = 2 ** 31 - 1;

export function toRunError(error: unknown): RunError {
  if (error instanceof ProjectError) return { type: error.type, message: error.message };
  if (error instanceof Error) return { type: error.name, message: error.message };
  return { type: 'Error', message: String(error) };
}

export function cancelled(message: string): RunErrorAtNode {
  return { type: 'RunCancelled', message, node: null };
}

/** What the server has to say in a run's log. */
export function warning(message: string): RunLogEvent {
  return {
    type: 'log',
    elapsedMs: 0,
    level: 'warning',
    logger: null,
    source: 'output',
    message,
    node: null,
  };
}

export function createRunLife(journal: RunJournal, options: RunLifeOptions): RunLife {
  const { executor, openProject = () => executor.open(), onEvent, tracer, hide } = options;

  function note(run: LiveRun, entry: RunLogEntry, output: StoredOutput | null = null): void {
    journal.add(run, entry, output);
    onEvent?.(run.id, run.order, entry.event);
  }

  function startTimer(run: LiveRun): ReturnType<typeof setTimeout> | undefined {
    const timeoutMs = run.submission.timeoutMs ?? options.timeoutMs ?? Infinity;
    if (timeoutMs > maxTimerMs) return undefined;
    const reason = `The run took longer than the ${timeoutMs} ms that it was given.`;
    return setTimeout(() => stop(run, { kind: 'timed_out', reason }), timeoutMs);
  }

  /** The decision between a run's end and a stop falls here, once: what is over is not stopped. */
  function stop(run: LiveRun, wish: StopWish): boolean {
    const entry = run.wishStop(wish);
    if (entry === null) return false;
    note(run, entry);
    run.abort.abort(wish.reason);
    return true;
  }

  function finish(run: LiveRun, status: FinalStatus, error: RunErrorAtNode): void {
    note(run, run.finish(status, error));
  }

  async function execute(run: LiveRun): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (tracer !== undefined) run.traceBy(tracer);
    try {
      await openProject();
      run.begin();
      // Written before anything happens, so that a run is never begun twice; one whose caller is
      // gone with the server is not begun again anyway.
      if (!run.isAttended) {
        journal.touch(run);
        await journal.write();
      }
      for await (const told of executor.execute(run.order, { signal: run.abort.signal })) {
        const event = hide === undefined ? told : redactEvent(told, hide);
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
        if (isClosed) {
          finish(run, 'cancelled', cancelled('The server was stopped before this run had begun.'));
        } else {
          const { type, message } = toRunError(error);
          finish(run, 'failed', { type, message: hide?.(message) ?? message, node: null });
        }
      }
    }
    clearTimeout(timer);
  }

  return { note, execute, stop, finish };
}
