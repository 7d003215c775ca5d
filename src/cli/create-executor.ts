import type { Logger } from 'pino';
import { createNativeExecutor } from '../adapters/node.ts';
import { ProjectError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import { createKedroExecutor } from '../kedro/kedro-executor.ts';
import { environmentSecrets } from '../nodejs/environment-secrets.ts';
import { createProjectLoader } from '../nodejs/project-loader.ts';
import type { ServedProject } from '../nodejs/served-project.ts';
import type { ServerSettings } from '../nodejs/server-settings.ts';
import type { TypescriptProject } from '../nodejs/typescript-project.ts';
import type { StartOptions } from './start-options.ts';
import { UsageError } from './usage-error.ts';

export interface ReloadableExecutor extends Executor {
  /** Loads the project's code again: new runs get it, running ones end with what they have. */
  reload(reason: string): Promise<void>;
}

type PoolOptions = Pick<
  StartOptions,
  | 'python'
  | 'workers'
  | 'workerStart'
  | 'maxRunsPerWorker'
  | 'maxWorkerMemoryBytes'
  | 'passEnv'
  | 'graceMs'
  | 'trustParams'
  | 'paramRoots'
>;

/** Options that are for Python workers only, with their switches. */
const ofPython = [
  ['python', '--python'],
  ['workerStart', '--worker-start'],
  ['maxRunsPerWorker', '--max-runs-per-worker'],
  ['maxWorkerMemoryBytes', '--max-worker-memory'],
  ['passEnv', '--pass-env'],
] as const;

/**
 * Creates the executor of a project: Python workers, or this process. Throws `UsageError` for
 * options that the project has no use for.
 */
export function createExecutor(
  project: ServedProject,
  settings: ServerSettings,
  options: PoolOptions,
  logger: Logger,
): ReloadableExecutor {
  return project.kind === 'kedro'
    ? createPool(settings, options, logger)
    : createNative(project, settings, options, logger);
}

function createPool(
  settings: ServerSettings,
  { graceMs, ...pool }: PoolOptions,
  logger: Logger,
): ReloadableExecutor {
  const executor = createKedroExecutor({
    ...pool,
    ...settings,
    stopGraceMs: graceMs,
    onNotice: ({ level, event, message, details }) => logger[level]({ event, ...details }, message),
  });
  return {
    ...executor,
    reload: async (reason) => {
      await executor.open();
      await executor.reload(reason);
    },
  };
}

/** Throws `UsageError` for options that only Python workers have a use for. */
export function refuseOfPython(
  project: TypescriptProject,
  pool: Pick<PoolOptions, (typeof ofPython)[number][0]>,
): void {
  const useless = ofPython.find(([name]) => pool[name] !== undefined);
  if (useless !== undefined) {
    throw new UsageError(
      `Option '${useless[1]}' is for Python workers, but '${project.path}' is a project in TypeScript, whose runs are in this process. Leave it out.`,
    );
  }
}

function createNative(
  project: TypescriptProject,
  settings: ServerSettings,
  { graceMs, workers, trustParams, paramRoots, ...pool }: PoolOptions,
  logger: Logger,
): ReloadableExecutor {
  refuseOfPython(project, pool);
  const executor = createNativeExecutor({
    project: createProjectLoader(project, settings),
    secrets: environmentSecrets(),
    concurrency: workers,
    stopGraceMs: graceMs,
    trustParams,
    paramRoots,
  });
  return {
    ...executor,
    reload: async (reason) => {
      try {
        await executor.reload();
        const message = `The project was loaded again: ${reason}.`;
        logger.info({ event: 'project-loaded' }, message);
      } catch (error) {
        logBroken(error, logger);
      }
    },
  };
}

/** Tells the operator why the project cannot be loaded. Throws what is no error of a project. */
export function logBroken(error: unknown, logger: Logger): void {
  if (!(error instanceof ProjectError)) throw error;
  const { type, message, traceback } = error;
  logger.error(
    { event: 'project-broken', traceback },
    `The project cannot be loaded: ${type}: ${message}. Runs fail with this error until it is mended.`,
  );
}
