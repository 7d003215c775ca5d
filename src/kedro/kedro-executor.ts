import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { KedroServerError, ProjectError } from '../errors.ts';
import type { Executor, ProjectInfo } from '../executor/executor.ts';
import type { RunEnded, RunEvent } from '../executor/run-event.ts';
import { findPythonCandidates } from './interpreter.ts';
import type { KedroNotice, NoticeListener } from './notice.ts';
import { openSupervisor } from './open-supervisor.ts';
import { createProjectInspector } from './project-inspector.ts';
import type { Supervisor, WorkerStart } from './supervisor.ts';
import { createWorkerPool } from './worker-pool.ts';
import type { WorkerRun } from './worker-run.ts';
import type { Worker, WorkerReady } from './worker.ts';

export type { KedroNotice } from './notice.ts';

export interface KedroExecutorOptions {
  /** Folder of the Kedro project. */
  readonly projectPath: string;
  readonly env?: string | undefined;
  readonly confSource?: string | undefined;
  /** Interpreter of the project; see `findPythonCandidates` for what is tried otherwise. */
  readonly python?: string | undefined;
  /** Runs at once; default: the processor's cores. */
  readonly workers?: number | undefined;
  /** Default: `fork` on Linux, else `spawn`. */
  readonly workerStart?: WorkerStart | undefined;
  /** Default: 1000. */
  readonly maxRunsPerWorker?: number | undefined;
  /** Resident bytes above which a worker is replaced after its run; default: no limit. */
  readonly maxWorkerMemoryBytes?: number | undefined;
  /** Default: 10,000. */
  readonly heartbeatTimeoutMs?: number | undefined;
  /** How long `close()` lets runs go on before it ends them; default: without limit. */
  readonly stopGraceMs?: number | undefined;
  /** How long a cancelled run has to end by itself; default: 5,000. */
  readonly cancelGraceMs?: number | undefined;
  /** Bytes of log that a run may write before the rest is cut; default: 8 MiB. */
  readonly maxLogBytes?: number | undefined;
  readonly onNotice?: NoticeListener | undefined;
}

/** An executor of a real Kedro project, in a pool of Python worker processes. */
export interface KedroExecutor extends Executor {
  /** Loads the project's code again: new runs get it, running ones end with what they have. */
  reload(reason: string): Promise<void>;
}

const terminateMs = 2000;
const recoverMs = { first: 1000, most: 30_000 };

/** Creates an executor that starts no process before it is opened. */
export function createKedroExecutor(options: KedroExecutorOptions): KedroExecutor {
  const onNotice: NoticeListener = options.onNotice ?? ((_notice: KedroNotice) => undefined);
  const projectPath = resolve(options.projectPath);
  const grace = { interruptMs: options.cancelGraceMs ?? 5000, terminateMs };
  const pool = createWorkerPool(
    {
      size: options.workers ?? availableParallelism(),
      spares: 1,
      maxRuns: options.maxRunsPerWorker ?? 1000,
      maxResidentBytes: options.maxWorkerMemoryBytes ?? Infinity,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 10_000,
    },
    onNotice,
  );
  const inspector = createProjectInspector();
  const running = new Set<WorkerRun>();
  let accepted = 0;
  let onDrained: (() => void) | null = null;
  let supervisor: Supervisor | null = null;
  let opening: Promise<ProjectInfo> | null = null;
  let closing: Promise<void> | null = null;
  let recovery: NodeJS.Timeout | undefined;
  let recoveryMs = recoverMs.first;

  const start = async (): Promise<Supervisor> =>
    openSupervisor(
      await findPythonCandidates(projectPath, options.python, process.env),
      {
        projectPath,
        env: options.env ?? null,
        confSource: options.confSource ?? null,
        start: options.workerStart ?? (process.platform === 'linux' ? 'fork' : 'spawn'),
        logLimit: options.maxLogBytes ?? 8 * 1024 * 1024,
      },
      onNotice,
    );

  const adopt = (next: Supervisor, first: Worker): void => {
    const before = supervisor;
    supervisor = next;
    pool.adopt(next);
    inspector.adopt(next, first);
    if (before !== null) void stopWhenIdle(before);
    void next.ended.then(() => {
      if (supervisor !== next || closing !== null) return;
      onNotice({
        level: 'error',
        event: 'supervisor-ended',
        message: 'The parent process of the workers ended by itself and is started again.',
      });
      void renew('its parent process ended');
    });
  };

  const stopWhenIdle = async (old: Supervisor): Promise<void> => {
    await Promise.all([...running].map(async (run) => run.done));
    await old.stop();
  };

  const watchRecovery = ({ broken }: WorkerReady): void => {
    clearTimeout(recovery);
    if (broken === null) {
      recoveryMs = recoverMs.first;
      return;
    }
    onNotice({
      level: 'error',
      event: 'project-broken',
      message: `The project's pipelines cannot be imported: ${broken.type}: ${broken.message}. Runs fail with this error until it is mended.`,
      details: { traceback: broken.traceback },
    });
    recovery = setTimeout(() => void renew('its pipelines could not be imported'), recoveryMs);
    recovery.unref();
    recoveryMs = Math.min(recoverMs.most, recoveryMs * 2);
  };

  const renew = async (reason: string): Promise<void> => {
    if (closing !== null) return;
    try {
      const next = await start();
      if (closing !== null) return await next.stop();
      const first = next.startWorker();
      const ready = await first.ready;
      adopt(next, first);
      watchRecovery(ready);
      onNotice({ level: 'info', event: 'project-loaded', message: `The project was loaded again: ${reason}.` });
    } catch (error) {
      onNotice({
        level: 'error',
        event: 'project-broken',
        message: `The project could not be loaded again (${reason}): ${describe(error)}`,
        details: error instanceof ProjectError ? { traceback: error.traceback } : {},
      });
      clearTimeout(recovery);
      recovery = setTimeout(() => void renew(reason), recoveryMs);
      recovery.unref();
      recoveryMs = Math.min(recoverMs.most, recoveryMs * 2);
    }
  };

  const bootstrap = async (): Promise<ProjectInfo> => {
    const opened = await start();
    const first = opened.startWorker();
    let ready: WorkerReady;
    try {
      ready = await first.ready;
    } catch (reason) {
      await opened.stop();
      throw toProjectError(reason);
    }
    adopt(opened, first);
    watchRecovery(ready);
    return ready.project;
  };

  const open = async (): Promise<ProjectInfo> => {
    if (closing !== null) throw closed();
    opening ??= bootstrap();
    try {
      return await opening;
    } catch (error) {
      opening = null;
      throw error;
    }
  };

  const drain = async (): Promise<void> => {
    const drained = new Promise<void>((resolve) => {
      onDrained = resolve;
      if (accepted === 0) resolve();
    });
    const timer =
      options.stopGraceMs === undefined
        ? undefined
        : setTimeout(() => {
            pool.close();
            for (const run of running) run.cancel('The server was stopped.', { interruptMs: 0, terminateMs: 500 });
          }, options.stopGraceMs);
    await drained;
    clearTimeout(timer);
  };

  return {
    open,
    async snapshot(snapshotOptions) {
      await open();
      return inspector.snapshot(snapshotOptions);
    },
    async *execute(order, { signal } = {}): AsyncGenerator<RunEvent> {
      if (closing !== null) throw closed();
      accepted += 1;
      let run: WorkerRun | null = null;
      try {
        await open();
        const worker = await pool.acquire(signal);
        const started = worker.run(order);
        run = started;
        running.add(started);
        void started.done.then(() => {
          running.delete(started);
          pool.release(worker, started.cancelled);
        });
        const cancel = (): void => started.cancel('The run was cancelled.', grace);
        if (signal?.aborted) cancel();
        signal?.addEventListener('abort', cancel, { once: true });
        void started.done.then(() => signal?.removeEventListener('abort', cancel));
        yield* started.events;
      } catch (error) {
        yield toEnded(error, signal);
      } finally {
        // A reader that stops reading no longer wants the run.
        run?.cancel('Nobody waits for the run any more.', grace);
        await run?.done;
        accepted -= 1;
        if (accepted === 0) onDrained?.();
      }
    },
    async reload(reason) {
      recoveryMs = recoverMs.first;
      await renew(reason);
    },
    async close() {
      closing ??= (async () => {
        await opening?.catch(() => undefined);
        clearTimeout(recovery);
        await drain();
        pool.close();
        inspector.close();
        await supervisor?.stop();
      })();
      return closing;
    },
  };
}

function closed(): KedroServerError {
  return new KedroServerError('executor-closed', 'The server is stopping and takes no more runs.');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toProjectError(reason: unknown): unknown {
  if (typeof reason === 'object' && reason !== null && 'traceback' in reason && 'type' in reason) {
    const { type, traceback } = reason;
    const message = 'message' in reason ? String(reason.message) : '';
    return new ProjectError(String(type), message, String(traceback));
  }
  return new KedroServerError('project-broken', 'A worker process ended before it was ready.', {
    cause: reason,
  });
}

function toEnded(error: unknown, signal: AbortSignal | undefined): RunEnded {
  const cancelled = signal?.aborted === true;
  const type = cancelled
    ? 'RunCancelled'
    : error instanceof ProjectError
      ? error.type
      : error instanceof Error
        ? error.name
        : 'Error';
  return {
    type: 'run.ended',
    elapsedMs: 0,
    durationMs: 0,
    status: cancelled ? 'cancelled' : 'failed',
    error: { type, message: cancelled ? 'The run was cancelled before it began.' : describe(error) },
  };
}
