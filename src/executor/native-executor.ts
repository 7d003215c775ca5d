import { AcceptedRuns } from './accepted-runs.ts';
import { executorClosed } from './executor-closed.ts';
import { notBegun } from './not-begun.ts';
import { requireConcurrency } from './require-concurrency.ts';
import { ProjectError, ServerSettingsError, SnapshotError } from '../errors.ts';
import type { ProjectDefinition } from '../project/define-project.ts';
import { openProject, type Project } from '../project/project.ts';
import { KnownSecrets } from '../redact/known-secrets.ts';
import type { Redactor } from '../redact/redactor.ts';
import { toClaims } from './dataset-claims.ts';
import type { Executor, ProjectInfo } from './executor.ts';
import { type NativeRun, startNativeRun, toRunError } from './native-run.ts';
import { defaultMaxOutputBytes } from './output-tally.ts';
import { type ParamOptions, parseParamRoots } from './param-options.ts';
import type { RunEvent } from './run-event.ts';

export interface NativeExecutorOptions extends ParamOptions {
  /** A project, or what loads one when the executor is opened. */
  readonly project: ProjectDefinition | (() => ProjectDefinition | Promise<ProjectDefinition>);
  /** Runs at once, all in this thread; more wait in order. Default: 16. */
  readonly concurrency?: number | undefined;
  /**
   * How long a cancelled run's nodes have to stop before they are left behind: nothing can end
   * a function that does not look at its signal. Default: 5,000.
   */
  readonly cancelGraceMs?: number | undefined;
  /** How long `close()` lets runs go on before it cancels them; default: without limit. */
  readonly stopGraceMs?: number | undefined;
  /** Characters of log that a run may write before the rest is cut; default: 8 Mi. */
  readonly maxLogLength?: number | undefined;
  /** UTF-8 bytes of JSON that each output may take; default: 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Texts that no error and no line of a log shows, besides the values of the project's credentials. */
  readonly secrets?: Iterable<string> | undefined;
}

/** An executor of pipelines written in TypeScript. */
export interface NativeExecutor extends Executor {
  /**
   * Asks for the project again: new runs get what comes, running ones end with what they have.
   * Throws `ProjectError` when it cannot be opened, as runs then do until it can.
   */
  reload(): Promise<void>;
}

interface OpenedProject {
  readonly project: Project;
  readonly info: ProjectInfo;
}

/** Lets so many in at once, and the others in their order. */
function createSlots(count: number) {
  const waiting = new Set<() => void>();
  let free = count;
  return {
    /** Rejects when the signal is aborted first. */
    acquire: async (signal: AbortSignal | undefined): Promise<void> => {
      signal?.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      const turn = Promise.withResolvers<void>();
      const leave = (): void => {
        waiting.delete(turn.resolve);
        turn.reject(signal?.reason);
      };
      waiting.add(turn.resolve);
      signal?.addEventListener('abort', leave, { once: true });
      await turn.promise.finally(() => signal?.removeEventListener('abort', leave));
    },
    release: (): void => {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}

function toProjectError(error: unknown, redactor: Redactor): ProjectError | ServerSettingsError {
  if (error instanceof ServerSettingsError) return error;
  const { type, message } = toRunError(error, redactor);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const traceback = redactor.message(error instanceof ProjectError ? error.traceback : stack);
  return new ProjectError(type, message, traceback, { cause: error });
}

function parseConcurrency(concurrency = 16): number {
  requireConcurrency(concurrency);
  return concurrency;
}

/**
 * Creates an executor of pipelines written in TypeScript, in this process and on every runtime.
 * Runs share the thread: one that computes without pause keeps the others waiting. Throws
 * `ServerSettingsError`.
 */
export function createNativeExecutor(options: NativeExecutorOptions): NativeExecutor {
  const runOptions = {
    cancelGraceMs: options.cancelGraceMs ?? 5000,
    maxLogLength: options.maxLogLength ?? 8 * 1024 * 1024,
    maxOutputBytes: options.maxOutputBytes ?? defaultMaxOutputBytes,
  };
  const paramRules = {
    isTrusted: options.trustParams === true,
    roots: parseParamRoots(options.paramRoots),
  };
  const capacity = parseConcurrency(options.concurrency);
  const slots = createSlots(capacity);
  const secrets = new KnownSecrets(options.secrets ?? []);
  const running = new Set<NativeRun>();
  let opening: Promise<OpenedProject> | null = null;
  let closing: Promise<void> | null = null;
  const accepted = new AcceptedRuns();
  let isGraceOver = false;

  const load = async (): Promise<OpenedProject> => {
    const { project: given } = options;
    const project = await openProject(
      typeof given === 'function' ? await given() : given,
      paramRules,
    );
    const { projectName, packageName, kedroVersion, runners } = project;
    // What is wrong with the configuration is the runs' to say.
    secrets.addCredentials(await project.credentials().catch(() => ({})));
    return { project, info: { projectName, packageName, kedroVersion, runners } };
  };

  const opened = async (): Promise<OpenedProject> => {
    const mine = (opening ??= load());
    try {
      return await mine;
    } catch (error) {
      if (opening === mine) opening = null;
      throw toProjectError(error, secrets.redactor);
    }
  };

  const drain = async (graceMs = options.stopGraceMs): Promise<void> => {
    const cancelAll = (): void => {
      isGraceOver = true;
      for (const run of running) run.cancel('The server was stopped.');
    };
    await accepted.drain(graceMs, cancelAll);
  };

  return {
    capacity,
    open: async () => {
      if (closing !== null) throw executorClosed();
      return (await opened()).info;
    },
    snapshot: async ({ params }) => {
      if (closing !== null) throw executorClosed();
      const { project } = await opened();
      try {
        return await project.snapshot(params);
      } catch (error) {
        const { type, message } = toRunError(error, secrets.redactor);
        throw new SnapshotError(type, message, { cause: error });
      }
    },
    claimsOf: async (order) => {
      if (closing !== null) throw executorClosed();
      const { project } = await opened();
      try {
        const used = await project.usedDatasets(order);
        const claims = toClaims(used, order, (path) => project.locate(path));
        return { claims, dependsOnParams: !used.isForAllParams };
      } catch (error) {
        const { type, message } = toRunError(error, secrets.redactor);
        throw new ProjectError(type, message, '', { cause: error });
      }
    },
    async *execute(order, { signal } = {}): AsyncGenerator<RunEvent> {
      if (closing !== null) throw executorClosed();
      accepted.enter();
      let run: NativeRun;
      try {
        const { project } = await opened();
        await slots.acquire(signal);
        run = startNativeRun(project, order, runOptions, secrets);
      } catch (error) {
        // Before the event: its reader may stay away for ever.
        accepted.leave();
        yield notBegun(error, signal?.aborted === true, (failure) =>
          toRunError(failure, secrets.redactor),
        );
        return;
      }
      running.add(run);
      const cancel = (): void => run.cancel('The run was cancelled.');
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true || isGraceOver) cancel();
      void run.done.then(() => {
        signal?.removeEventListener('abort', cancel);
        running.delete(run);
        slots.release();
        accepted.leave();
      });
      try {
        yield* run.events;
      } finally {
        // A reader that stops reading no longer wants the run.
        run.cancel('Nobody waits for the run any more.');
      }
    },
    reload: async () => {
      if (closing !== null) throw executorClosed();
      opening = load();
      await opened();
    },
    close: async ({ graceMs } = {}) => {
      closing ??= drain(graceMs);
      return closing;
    },
  };
}
