import { executorClosed } from '../executor/executor-closed.ts';
import { notBegun } from '../executor/not-begun.ts';
import { requireConcurrency } from '../executor/require-concurrency.ts';
import { bareSubmission } from '../run/bare-submission.ts';
import type { Executor, ExecutorFigure, ProjectInfo } from '../executor/executor.ts';
import type { RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { createRunRecord } from '../run/create-run-record.ts';
import { followRun } from '../run/follow-run.ts';
import type { RunRecord, RunSubmission } from '../run/run-record.ts';
import type { Runs, RunsOptions } from '../run/runs.ts';
import { QueueLink } from './queue-link.ts';
import type { QueueOptions } from './queue-options.ts';
import { QueueProject } from './queue-project.ts';
import { createQueuedRuns } from './queued-runs.ts';
import { QueueServer } from './queue-server.ts';
import { toExecutorEvent } from './to-executor-event.ts';
import { WatchedRun } from './watched-run.ts';

export interface QueueExecutorOptions extends QueueOptions {
  /** Runs that are given to the queue at once; default: as many as its workers work on. */
  readonly concurrency?: number | undefined;
  /** How old a description of the project may be that workers have given; default: 1,000 ms. */
  readonly snapshotMaxAgeMs?: number | undefined;
}

/** An executor whose runs are run by the workers of a queue. */
export interface QueueExecutor extends Executor {
  /** Creates the owner of runs that all servers of the queue share; for `createHttpServer`. */
  createRuns(options: RunsOptions): Runs;
}

/** Creates an executor that connects when it is opened. Throws `ServerSettingsError`. */
export function createQueueExecutor(options: QueueExecutorOptions): QueueExecutor {
  const { concurrency, snapshotMaxAgeMs = 1000 } = options;
  requireConcurrency(concurrency);
  const link = new QueueLink(options);
  const project = new QueueProject(link, snapshotMaxAgeMs);
  const server = new QueueServer(link);
  const following = new Set<Promise<void>>();
  const stopping = new AbortController();
  let opening: Promise<ProjectInfo> | null = null;
  let closing: Promise<void> | null = null;

  async function open(): Promise<ProjectInfo> {
    if (closing !== null) throw executorClosed();
    const mine = (opening ??= server.open().then(() => project.open()));
    try {
      return await mine;
    } catch (error) {
      if (opening === mine) opening = null;
      throw error;
    }
  }

  async function submit(order: RunOrder): Promise<RunRecord> {
    const record = createRunRecord(toSubmission(order), order.runId);
    const limits = { maxQueued: Infinity, maxOpen: Infinity, retryAfterS: 1 };
    await server.accept(record, null, limits);
    return record;
  }

  async function* follow(record: RunRecord, signals: readonly AbortSignal[]) {
    const { id } = record;
    using watched = new WatchedRun(link.store, id);
    let isOver = false;
    const cancel = (): void => {
      if (isOver) return;
      const wish = { kind: 'cancelled', reason: 'The run was cancelled.' } as const;
      void server.stop(id, wish).catch(link.onError);
    };
    for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
    if (signals.some(({ aborted }) => aborted)) cancel();
    try {
      const find = (): WatchedRun | null => (watched.isOver ? null : watched);
      for await (const batch of followRun(id, find, link.store, { afterId: 0 })) {
        for (const { event } of batch) {
          if (event.type === 'run.ended') isOver = true;
          const told = await toExecutorEvent(event, async (name) => {
            return (await link.store.output(id, name))?.json ?? null;
          });
          if (told !== null) yield told;
        }
      }
    } finally {
      // A reader that stops reading no longer wants the run.
      cancel();
      for (const signal of signals) signal.removeEventListener('abort', cancel);
    }
  }

  async function drain(graceMs: number | undefined): Promise<void> {
    const timer = graceMs === undefined ? undefined : setTimeout(() => stopping.abort(), graceMs);
    await opening?.catch(() => undefined);
    await Promise.all(following);
    clearTimeout(timer);
    await project.close();
    await server.close();
    await link.close();
  }

  const executor: QueueExecutor = {
    get capacity() {
      return concurrency ?? Math.max(1, project.capacity);
    },
    figures: figuresOf(project),
    open,
    snapshot: async ({ params }) => {
      await open();
      return project.snapshot(params);
    },
    async *execute(order, { signal } = {}): AsyncGenerator<RunEvent> {
      if (closing !== null) throw executorClosed();
      const over = Promise.withResolvers<void>();
      following.add(over.promise);
      const leave = (): void => {
        following.delete(over.promise);
        over.resolve();
      };
      let record: RunRecord;
      try {
        signal?.throwIfAborted();
        await open();
        record = await submit(order);
      } catch (error) {
        leave();
        yield notBegun(error, signal?.aborted === true);
        return;
      }
      void server.untilOver(record.id).then(leave, leave);
      yield* follow(record, signal === undefined ? [stopping.signal] : [stopping.signal, signal]);
    },
    createRuns: (runsOptions) => createQueuedRuns(link, project, server, runsOptions),
    close: async ({ graceMs } = {}) => {
      closing ??= drain(graceMs);
      return closing;
    },
  };
  return executor;
}

function figuresOf(project: QueueProject): readonly ExecutorFigure[] {
  return [
    {
      name: 'queue_workers',
      help: 'Workers of the queue that are there.',
      type: 'gauge',
      read: () => project.workers.length,
    },
    {
      name: 'queue_jobs_waiting',
      help: 'Runs in the queue that a worker may take.',
      type: 'gauge',
      read: () => project.counts.waiting,
    },
    {
      name: 'queue_jobs_delayed',
      help: 'Runs in the queue whose time has not come.',
      type: 'gauge',
      read: () => project.counts.delayed,
    },
    {
      name: 'queue_jobs_active',
      help: 'Runs that workers have taken from the queue.',
      type: 'gauge',
      read: () => project.counts.active,
    },
  ];
}

/** A run whose caller reads its events, and wants nothing more. */
function toSubmission(asked: RunOrder): RunSubmission {
  const { runId: _, traceparent = null, requestId = null, ...order } = asked;
  return bareSubmission(order, { traceparent, requestId });
}
