import { AcceptedRuns } from '../executor/accepted-runs.ts';
import { executorClosed } from '../executor/executor-closed.ts';
import { notBegun } from '../executor/not-begun.ts';
import { availableParallelism } from 'node:os';
import type { Executor } from '../executor/executor.ts';
import { createNativeExecutor, type NativeExecutorOptions } from '../executor/native-executor.ts';
import type { RunEvent } from '../executor/run-event.ts';
import { environmentSecrets } from './environment-secrets.ts';
import { createProjectLoader } from './project-loader.ts';
import { type ProcessRun, RunProcess } from './run-process.ts';
import { requireTypescriptProject } from './typescript-project.ts';

export interface ProcessExecutorOptions extends Pick<
  NativeExecutorOptions,
  'cancelGraceMs' | 'stopGraceMs' | 'maxOutputBytes' | 'trustParams' | 'paramRoots'
> {
  /** Folder of the project in TypeScript. */
  readonly projectPath: string;
  readonly env?: string | undefined;
  readonly confSource?: string | undefined;
  /** Runs at once, each in a process of its own; default: the processor's cores. */
  readonly concurrency?: number | undefined;
}

/**
 * Creates an executor of a project in TypeScript that runs each pipeline in a process of its own: a
 * node that computes without pause, or ends its process, touches no other run, and not this
 * process. Processes are kept for later runs, and end with this one, whatever ends it. Throws
 * `ServerSettingsError`.
 */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  const { projectPath, env, confSource, cancelGraceMs = 5000, stopGraceMs } = options;
  const { maxOutputBytes, trustParams, paramRoots } = options;
  const capacity = options.concurrency ?? availableParallelism();
  // It describes the project, and runs nothing.
  const inspector = createNativeExecutor({
    project: createProjectLoader(requireTypescriptProject(projectPath), { env, confSource }),
    secrets: environmentSecrets(),
    concurrency: capacity,
  });
  const start = { parent: process.pid, projectPath, env, confSource, cancelGraceMs };
  const processes = new Set<RunProcess>();
  const idle: RunProcess[] = [];
  const running = new Set<ProcessRun>();
  const waiting = new Set<() => void>();
  let closing: Promise<void> | null = null;
  const accepted = new AcceptedRuns();
  let isGraceOver = false;

  function wakeNext(): void {
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next);
    next();
  }

  function begin(): RunProcess {
    const made = new RunProcess({ ...start, maxOutputBytes, trustParams, paramRoots });
    processes.add(made);
    void made.ended.then(() => {
      processes.delete(made);
      const at = idle.indexOf(made);
      if (at !== -1) idle.splice(at, 1);
      wakeNext();
    });
    return made;
  }

  async function acquire(signal: AbortSignal | undefined): Promise<RunProcess> {
    signal?.throwIfAborted();
    for (;;) {
      const ready = idle.pop();
      if (ready !== undefined) return ready;
      if (processes.size < capacity) return begin();
      const turn = Promise.withResolvers<void>();
      const giveUp = (): void => turn.reject(signal?.reason);
      waiting.add(turn.resolve);
      signal?.addEventListener('abort', giveUp, { once: true });
      await turn.promise.finally(() => {
        waiting.delete(turn.resolve);
        signal?.removeEventListener('abort', giveUp);
      });
    }
  }

  function release(process: RunProcess): void {
    if (process.hasEnded) return;
    idle.push(process);
    wakeNext();
  }

  async function drain(graceMs = stopGraceMs): Promise<void> {
    const cancelAll = (): void => {
      isGraceOver = true;
      for (const run of running) run.cancel('The server was stopped.');
    };
    await accepted.drain(graceMs, cancelAll);
    for (const each of processes) each.kill();
    await Promise.all(Array.from(processes, ({ ended }) => ended));
    await inspector.close();
  }

  return {
    capacity,
    open: async () => {
      if (closing !== null) throw executorClosed();
      return inspector.open();
    },
    snapshot: async (snapshotOptions) => {
      if (closing !== null) throw executorClosed();
      return inspector.snapshot(snapshotOptions);
    },
    ...(inspector.claimsOf !== undefined && { claimsOf: inspector.claimsOf }),
    async *execute(order, { signal } = {}): AsyncGenerator<RunEvent> {
      if (closing !== null) throw executorClosed();
      accepted.enter();
      let process: RunProcess;
      try {
        process = await acquire(signal);
      } catch (error) {
        accepted.leave();
        yield notBegun(error, signal?.aborted === true);
        return;
      }
      const run = process.run(order);
      running.add(run);
      const cancel = (): void => run.cancel('The run was cancelled.');
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true || isGraceOver) cancel();
      void run.done.then(() => {
        signal?.removeEventListener('abort', cancel);
        running.delete(run);
        release(process);
        accepted.leave();
      });
      try {
        yield* run.events;
      } finally {
        // A reader that stops reading no longer wants the run.
        run.cancel('Nobody waits for the run any more.');
      }
    },
    close: async ({ graceMs } = {}) => {
      closing ??= drain(graceMs);
      return closing;
    },
  };
}
