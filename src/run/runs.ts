import type { Executor } from '../executor/executor.ts';
import type { RunEnded, RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { createRunIds } from './run-id.ts';

/** Sees every event of every run, in order; it is not waited for and must not throw. */
export type RunObserver = (runId: string, order: RunOrder, event: RunEvent) => void;

export interface RunsOptions {
  readonly executor: Executor;
  readonly onEvent?: RunObserver | undefined;
  readonly createRunId?: () => string;
}

/** One run. Nothing happens before its events are read, and they can be read once. */
export interface Run {
  readonly order: RunOrder;
  /** Runs the order: ends after `run.ended`, throws what `Executor.execute` throws. */
  readonly events: AsyncIterable<RunEvent>;
  /** Reads the events to the end. */
  end(): Promise<RunEnded>;
}

export interface Runs {
  /**
   * Gives an order its identity. When `withdrawn` aborts before the run has started, the run is
   * cancelled; once it has started it goes on.
   */
  create(order: Omit<RunOrder, 'runId'>, withdrawn?: AbortSignal): Run;
}

/** The one way to run anything: whoever wants a run to happen creates it here. */
export function createRuns(options: RunsOptions): Runs {
  const { executor, onEvent, createRunId = createRunIds() } = options;

  async function* run(order: RunOrder, withdrawn: AbortSignal | undefined) {
    const abort = new AbortController();
    const withdraw = () => abort.abort(withdrawn?.reason);
    if (withdrawn?.aborted === true) withdraw();
    withdrawn?.addEventListener('abort', withdraw, { once: true });
    try {
      for await (const event of executor.execute(order, { signal: abort.signal })) {
        if (event.type === 'run.started') withdrawn?.removeEventListener('abort', withdraw);
        onEvent?.(order.runId, order, event);
        yield event;
      }
    } finally {
      withdrawn?.removeEventListener('abort', withdraw);
    }
  }

  return {
    create: (fields, withdrawn) => {
      const order = { runId: createRunId(), ...fields };
      const events = run(order, withdrawn);
      return { order, events, end: () => readEnd(order.runId, events) };
    },
  };
}

async function readEnd(runId: string, events: AsyncIterable<RunEvent>): Promise<RunEnded> {
  let ended: RunEnded | null = null;
  for await (const event of events) {
    if (event.type === 'run.ended') ended = event;
  }
  if (ended === null) throw new Error(`The events of run ${runId} stopped before its end.`);
  return ended;
}
