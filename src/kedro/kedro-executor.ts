import { AcceptedRuns } from '../executor/accepted-runs.ts';
import { executorClosed } from '../executor/executor-closed.ts';
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProjectError } from '../errors.ts';
import { type RunClaims, toClaims } from '../executor/dataset-claims.ts';
import type { Executor, ExecutorFigure, ProjectInfo } from '../executor/executor.ts';
import { defaultMaxOutputBytes } from '../executor/output-tally.ts';
import { type ParamOptions, parseParamRoots } from '../executor/param-options.ts';
import type { RunEnded, RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { resolveLinks } from '../resolve-links.ts';
import { findPythonCandidates } from './interpreter.ts';
import type { NoticeListener } from './notice.ts';
import { mentionedVariables } from './mentioned-variables.ts';
import { openSupervisor } from './open-supervisor.ts';
import { createProjectInspector } from './project-inspector.ts';
import { createProjectLoader, type LoadedProject } from './project-loader.ts';
import type { Supervisor, SupervisorSettings, WorkerStart } from './supervisor.ts';
import { parsePassEnv, selectEnvironment } from './worker-environment.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';
import type { WorkerRun } from './worker-run.ts';
import type { Worker } from './worker.ts';

export type { KedroNotice } from './notice.ts';

export interface KedroExecutorOptions extends ParamOptions {
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
  /** How long it then has to end on SIGTERM, before it is killed; default: 2,000. */
  readonly terminateGraceMs?: number | undefined;
  /** Bytes of log that a run may write before the rest is cut; default: 8 MiB. */
  readonly maxLogBytes?: number | undefined;
  /** UTF-8 bytes of JSON that each output may take; default: 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /**
   * Variables of this process's environment that workers get, besides the usual ones and those that
   * the configuration mentions: names, beginnings of names like `MY_APP_*`, or `*` for all.
   */
  readonly passEnv?: readonly string[] | undefined;
  readonly onNotice?: NoticeListener | undefined;
}

/** An executor of a real Kedro project, in a pool of Python worker processes. */
export interface KedroExecutor extends Executor {
  /** Loads the project's code again: new runs get it, running ones end with what they have. */
  reload(reason: string): Promise<void>;
}

/** How often an order is given to another worker when one dies before it has begun. */
const maxAttempts = 3;

/** Creates an executor that starts no process before it is opened. */
export function createKedroExecutor(options: KedroExecutorOptions): KedroExecutor {
  const onNotice: NoticeListener = options.onNotice ?? (() => undefined);
  const projectPath = resolve(options.projectPath);
  const grace = {
    interruptMs: options.cancelGraceMs ?? 5000,
    terminateMs: options.terminateGraceMs ?? 2000,
  };
  const capacity = options.workers ?? availableParallelism();
  const passEnv = parsePassEnv(options.passEnv);
  const pool = createWorkerPool(
    {
      size: capacity,
      spares: 1,
      maxRuns: options.maxRunsPerWorker ?? 1000,
      maxResidentBytes: options.maxWorkerMemoryBytes ?? Infinity,
    },
    onNotice,
  );
  const paramRoots = parseParamRoots(options.paramRoots);
  const sessionId = randomUUID();
  const inspector = createProjectInspector(async () => loader.settled());
  const running = new Set<WorkerRun>();
  const stops = new Set<Promise<void>>();
  const accepted = new AcceptedRuns();
  let current: LoadedProject | null = null;
  let opening: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  const settings: SupervisorSettings = {
    projectPath,
    env: options.env ?? null,
    confSource: options.confSource ?? null,
    start: options.workerStart ?? (process.platform === 'linux' ? 'fork' : 'spawn'),
    sessionId,
    heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 10_000,
    logLimit: options.maxLogBytes ?? 8 * 1024 * 1024,
    outputLimit: options.maxOutputBytes ?? defaultMaxOutputBytes,
    trustParams: options.trustParams === true,
    paramRoots,
  };

  const start = async (signal: AbortSignal): Promise<Supervisor> => {
    // Read again each time: the configuration may mention others by now.
    const mentioned = await mentionedVariables(projectPath, options.confSource);
    const environment = selectEnvironment(process.env, passEnv, mentioned);
    tellWithheld(environment.withheld);
    const candidates = await findPythonCandidates(projectPath, options.python, process.env);
    return openSupervisor(candidates, { settings, environment }, onNotice, signal);
  };

  let toldWithheld = '';
  const tellWithheld = (withheld: readonly string[]): void => {
    const names = withheld.join(', ');
    if (names !== '' && names !== toldWithheld) {
      onNotice({
        level: 'info',
        event: 'environment-withheld',
        message: `Workers do not get these variables of the server's environment: ${names}. --pass-env, or passEnv in code, gives them some or all.`,
        details: { withheld },
      });
    }
    toldWithheld = names;
  };

  const adopt = (loaded: LoadedProject): void => {
    const before = current;
    current = loaded;
    pool.adopt(loaded.supervisor);
    inspector.adopt(loaded.supervisor, loaded.first);
    if (before === null) return;
    const runs = [...running].map(async ({ done }) => done);
    const stop = Promise.all(runs).then(async () => before.supervisor.stop());
    stops.add(stop);
    void stop.then(() => stops.delete(stop));
  };

  const loader = createProjectLoader(start, adopt, onNotice);

  const open = async (): Promise<ProjectInfo> => {
    if (closing !== null) throw executorClosed();
    opening ??= loader.load();
    try {
      await opening;
    } catch (error) {
      opening = null;
      throw error;
    }
    if (current === null) throw executorClosed();
    return current.ready.project;
  };

  const begin = (worker: Worker, order: RunOrder, signal: AbortSignal | undefined): WorkerRun => {
    const run = worker.run(order);
    running.add(run);
    const cancel = (): void => run.cancel('The run was cancelled.', grace);
    signal?.addEventListener('abort', cancel, { once: true });
    void run.done.then(() => {
      signal?.removeEventListener('abort', cancel);
      running.delete(run);
      pool.release(worker, run.cancelled);
      if (run.lost === null) accepted.leave();
    });
    return run;
  };

  const drain = async (graceMs = options.stopGraceMs): Promise<void> => {
    const cancelAll = (): void => {
      pool.close();
      for (const run of running)
        run.cancel('The server was stopped.', { interruptMs: 0, terminateMs: 500 });
    };
    await accepted.drain(graceMs, cancelAll);
  };

  const shutDown = async (graceMs: number | undefined): Promise<void> => {
    // What is still being opened serves nobody; accepted runs need what is open.
    if (current === null) await loader.close();
    await drain(graceMs);
    await loader.close();
    pool.close();
    inspector.close();
    await Promise.all([...stops, current?.supervisor.stop()]);
  };

  return {
    capacity,
    figures: workerFigures(pool),
    open,
    async snapshot(snapshotOptions) {
      await open();
      return inspector.snapshot(snapshotOptions);
    },
    async claimsOf(order) {
      await open();
      const { used, dependsOnParams, isCurrent } = await inspector.used(order);
      const find = (): RunClaims['claims'] =>
        toClaims(used, order, (path) => locate(projectPath, path));
      const claims = find();
      const text = JSON.stringify(claims);
      // Links may have been laid elsewhere, too.
      return {
        claims,
        dependsOnParams,
        isCurrent: () => isCurrent() && JSON.stringify(find()) === text,
      };
    },
    async *execute(order, { signal } = {}): AsyncGenerator<RunEvent> {
      if (closing !== null) throw executorClosed();
      accepted.enter();
      let run: WorkerRun | null = null;
      try {
        await open();
        for (let attempt = 1; ; attempt += 1) {
          run = null;
          const worker = await pool.acquire(signal);
          if (signal?.aborted === true) {
            pool.release(worker, false);
            signal.throwIfAborted();
          }
          run = begin(worker, order, signal);
          yield* run.events;
          if (run.lost === null) return;
          if (attempt === maxAttempts) {
            accepted.leave();
            yield run.lost;
            return;
          }
        }
      } catch (error) {
        if (run === null) accepted.leave();
        yield toEnded(error, signal);
      } finally {
        // A reader that stops reading no longer wants the run.
        run?.cancel('Nobody waits for the run any more.', grace);
      }
    },
    async reload(reason) {
      await loader.reload(reason);
    },
    async close({ graceMs } = {}) {
      closing ??= shutDown(graceMs);
      return closing;
    },
  };
}

/** A file's one name; of what cannot be looked up, the one that it is written by. */
function locate(projectPath: string, written: string): string {
  const file = resolve(
    projectPath,
    /^file:\/\//iu.test(written) ? fileURLToPath(written) : written,
  );
  try {
    return resolveLinks(file);
  } catch {
    return file;
  }
}

function workerFigures(pool: WorkerPool): readonly ExecutorFigure[] {
  const gauge = (name: string, help: string, read: () => number): ExecutorFigure => ({
    name,
    help,
    type: 'gauge',
    read,
  });
  return [
    gauge('workers_busy', 'Python workers that run something.', () => pool.busy),
    gauge('workers_idle', 'Python workers that wait for a run.', () => pool.idle),
    gauge('workers_starting', 'Python workers that are being started.', () => pool.starting),
    {
      name: 'workers_lost_total',
      help: 'Python workers that ended by themselves and were replaced.',
      type: 'counter',
      read: () => pool.lost,
    },
  ];
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
    error: {
      type,
      message: cancelled ? 'The run was cancelled before it began.' : describe(error),
    },
  };
}
