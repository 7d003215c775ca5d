import { DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Executor, ProjectInfo } from '../executor/executor.ts';
import { isUnusable, waitAtMost } from './claimed-run.ts';
import type { WorkerNote } from './project-board.ts';
import { QueueLink } from './queue-link.ts';
import type { QueueOptions } from './queue-options.ts';
import { createReconciler } from './reconciler.ts';
import { repeatedly } from './repeatedly.ts';
import { jobsName, parseRunJob, type RunJob } from './run-jobs.ts';
import type { ClaimOutcome } from './shared-run-store.ts';
import { attendSnapshotDesk } from './snapshot-desk.ts';
import { type Claim, type RunWork, workOnRun } from './work-on-run.ts';

export interface QueueWorkerOptions
  extends QueueOptions, Pick<RunWork, 'tracer' | 'onEvent' | 'maxRunOutputBytes'> {
  /**
   * Runs the pipelines; opened and closed with the worker. One that computes in this thread keeps
   * the worker from telling that it is alive: its runs are then taken for lost.
   */
  readonly executor: Executor;
  /** Runs at once; default: as many as the executor works on. */
  readonly concurrency?: number | undefined;
  /** What it is called; default: the host's name and the process's id. */
  readonly name?: string | undefined;
  /** How long `close()` lets runs go on before it ends them; default: without limit. */
  readonly stopGraceMs?: number | undefined;
}

/** A process that takes runs from a queue, and runs them. */
export interface QueueWorker extends AsyncDisposable {
  readonly name: string;
  /** Runs that it works on. */
  readonly running: number;
  /** Opens the project and begins to take runs. Throws `KedroServerError`; may be asked again. */
  open(): Promise<ProjectInfo>;
  /**
   * Takes no more, gives back what it has not begun, lets the runs that run end within the grace,
   * and closes the executor.
   */
  close(): Promise<void>;
}

const noteEveryMs = 3000;
const retryAfterMs = 250;
const unwrittenGraceMs = 5000;

/** Creates a worker. Throws `ServerSettingsError`. */
export function createQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const { executor, name = `${hostname()}:${process.pid}` } = options;
  const link = new QueueLink(options);
  const { store, board, settings, jobsPrefix: prefix, onError } = link;
  const { leaseMs, renewEveryMs, stalledIntervalMs } = settings;
  const id = randomUUID();
  const stopping = new AbortController();
  const givenUp = new AbortController();
  const running = new Set<Promise<void>>();
  /** Runs that are claimed, and that the executor does not have yet. */
  const beginning = new Set<Promise<void>>();
  const closers: (() => Promise<unknown> | void)[] = [];
  let opening: Promise<ProjectInfo> | null = null;
  let closing: Promise<void> | null = null;

  const { tracer, onEvent, maxRunOutputBytes } = options;
  const work: RunWork = {
    store,
    leaseMs,
    renewEveryMs,
    maxRunOutputBytes,
    tracer,
    onEvent,
    onError,
    givenUp: givenUp.signal,
  };

  async function giveBack(job: Job<RunJob>, token: string): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async function tryToClaim(job: Job<RunJob>, runId: string, token: string): Promise<ClaimOutcome> {
    for (;;) {
      if (stopping.signal.aborted) return giveBack(job, token);
      try {
        return await store.claim(runId, { worker: name, token: `${id}:${token}`, leaseMs });
      } catch (error) {
        if (!isUnusable(error)) throw error;
        onError(error);
        await waitAtMost(retryAfterMs, stopping.signal);
      }
    }
  }

  async function takeJob(job: Job<RunJob>, token = ''): Promise<void> {
    const known = parseRunJob(job.data);
    if (known === null) {
      onError(new Error(`Job ${job.id} is of a form that this worker does not know.`));
      return giveBack(job, token);
    }
    const claimed = await tryToClaim(job, known.runId, token);
    if (claimed.kind === 'held') {
      // It is looked at again when its worker should have told that it is alive.
      await job.moveToDelayed(Date.now() + claimed.leaseLeftMs + retryAfterMs, token);
      throw new DelayedError();
    }
    if (claimed.kind !== 'claimed') return;
    if (stopping.signal.aborted) {
      await store.release(claimed.fence);
      return giveBack(job, token);
    }
    await begin(claimed);
  }

  async function isGone(runId: string): Promise<boolean> {
    try {
      return await board.isForNobody(runId);
    } catch (error) {
      // Who cannot be asked for is there, as far as anybody knows.
      onError(error);
      return false;
    }
  }

  async function begin(claim: Claim): Promise<void> {
    const begun = Promise.withResolvers<void>();
    const execute: Executor['execute'] = (order, executeOptions) => {
      begun.resolve();
      return executor.execute(order, executeOptions);
    };
    const turn = (async () => {
      const { id: runId, isAttended } = claim.record;
      const isForNobody = isAttended && (await isGone(runId));
      await workOnRun(claim, work, { open: () => executor.open(), execute }, isForNobody);
    })();
    running.add(turn);
    beginning.add(begun.promise);
    await turn.finally(() => {
      begun.resolve();
      beginning.delete(begun.promise);
      running.delete(turn);
    });
  }

  function startTaking(connection: Redis): Worker<RunJob> {
    const worker = new Worker<RunJob>(jobsName, takeJob, {
      connection,
      prefix,
      name,
      concurrency: options.concurrency ?? executor.capacity,
      lockDuration: leaseMs,
      lockRenewTime: renewEveryMs * 2,
      stalledInterval: stalledIntervalMs,
      // What becomes of a run whose worker is lost is decided by its record.
      maxStalledCount: 1_000_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      runRetryDelay: 500,
    });
    worker.on('error', onError);
    return worker;
  }

  async function start(): Promise<ProjectInfo> {
    await link.open();
    const info = await executor.open();
    await board.writeInfo(info);
    const connection = link.createBlockingClient();
    closers.push(() => connection.disconnect());
    closers.push(attendSnapshotDesk(executor, link, connection));
    const reconciler = createReconciler(link, name);
    reconciler.start();
    closers.push(() => reconciler.stop());
    const taking = startTaking(connection);
    closers.push(() => Promise.race([taking.close(), untilAborted(givenUp.signal)]));
    const startedAtMs = Date.now();
    const note = (): WorkerNote => ({
      name,
      concurrency: options.concurrency ?? executor.capacity,
      startedAtMs,
    });
    await board.noteWorker(id, note());
    const notes = repeatedly(noteEveryMs, () => board.noteWorker(id, note()), onError);
    closers.push(async () => {
      await notes.stop();
      await board.removeWorker(id).catch(onError);
    });
    return info;
  }

  async function shutDown(): Promise<void> {
    stopping.abort();
    await opening?.catch(() => undefined);
    const { stopGraceMs: graceMs } = options;
    await Promise.all(beginning);
    const ended = executor.close(graceMs === undefined ? {} : { graceMs }).catch(onError);
    // What has ended may have to wait for a store that is away, but not for ever.
    const givingUp = ended.then(() => setTimeout(() => givenUp.abort(), unwrittenGraceMs));
    for (const close of closers.toReversed()) await close();
    await Promise.allSettled(running);
    clearTimeout(await givingUp);
    await link.close();
  }

  const worker: QueueWorker = {
    name,
    get running() {
      return running.size;
    },
    open: async () => {
      const mine = (opening ??= start());
      try {
        return await mine;
      } catch (error) {
        if (opening === mine) opening = null;
        throw error;
      }
    },
    close: async () => {
      closing ??= shutDown();
      return closing;
    },
    [Symbol.asyncDispose]: () => worker.close(),
  };
  return worker;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
