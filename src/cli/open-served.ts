import path from 'node:path';
import type { Logger } from 'pino';
import { createRemoteExecutor, RemoteError } from '../adapters/node.ts';
import { KedroServerError } from '../errors.ts';
import type { Executor, ProjectInfo } from '../executor/executor.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import type { FileWatch } from '../nodejs/watch-files.ts';
import type { QueueExecutor } from '../queue/index.ts';
import { createExecutor, logBroken } from './create-executor.ts';
import { loadQueue } from './load-queue.ts';
import { locateProject } from './locate-project.ts';
import { queueListeners } from './queue-listeners.ts';
import { reloadOnChange } from './reload-on-change.ts';
import type { StartOptions } from './start-options.ts';
import { UsageError } from './usage-error.ts';

/** What a server serves: a project on this machine, or what other servers run. */
export interface Served {
  readonly executor: Executor;
  /** Creates the owner of its runs, where that is no store of this server. */
  readonly createRuns?: QueueExecutor['createRuns'] | undefined;
  /** Folder that its runs are kept in, unless another is asked for. */
  readonly folder: string;
  /** What it is called before its own name is known. */
  readonly place: string;
  /** What runs its pipelines, in words. */
  describeEngine(info: ProjectInfo): string;
  /** Tells the operator why it cannot be opened where that may change by itself; else throws. */
  takeFailure(error: unknown): void;
  watch(): FileWatch | null;
}

/** Options that only a project on this machine has a use for, with their switches. */
const ofProjects = [
  ['project', '--project'],
  ['env', '--env'],
  ['confSource', '--conf-source'],
  ['python', '--python'],
  ['workerStart', '--worker-start'],
  ['maxRunsPerWorker', '--max-runs-per-worker'],
  ['maxWorkerMemoryBytes', '--max-worker-memory'],
  ['passEnv', '--pass-env'],
  ['trustParams', '--trust-params'],
  ['paramRoots', '--param-roots'],
] as const;

/** Options that only a server with runs of its own has a use for, with their switches. */
const ofOneServer = [
  ['workers', '--workers'],
  ['store', '--store'],
  ['remote', '--remote'],
] as const;

/** Finds what is to be served. Throws `UsageError` and `KedroServerError`. */
export async function openServed(options: StartOptions, logger: Logger): Promise<Served> {
  const { remote, queue } = options;
  if (queue !== undefined) return await openQueue(queue, options, logger);
  return remote === undefined ? openProject(options, logger) : openRemote(remote, options, logger);
}

async function openQueue(
  connection: string,
  options: StartOptions,
  logger: Logger,
): Promise<Served> {
  refuseUseless(
    options,
    '--queue',
    "gives runs to the workers of a queue, where it is 'worker' that takes it",
  );
  const useless = ofOneServer.find(([name]) => options[name] !== undefined)?.[1];
  if (useless !== undefined) {
    throw new UsageError(
      `Option '${useless}' has no meaning for '--queue': runs are kept in Redis, and workers run them. Leave one of them out.`,
    );
  }
  const { createQueueExecutor } = await loadQueue();
  const executor = createQueueExecutor({
    connection,
    queue: options.queueName,
    ...queueListeners(logger),
  });
  const { host } = new URL(connection);
  return {
    executor,
    createRuns: executor.createRuns,
    folder: path.resolve(),
    place: `the queue '${options.queueName ?? 'kedro'}' at ${host}`,
    describeEngine: () => `by the workers of its queue at ${host}`,
    takeFailure: (error) => {
      if (!(error instanceof KedroServerError)) throw error;
      logger.error(
        { event: 'queue.unusable', code: String(error.code) },
        `${error.message} It is tried again with each request.`,
      );
    },
    watch: () => null,
  };
}

/** Refuses options that only a project on this machine has a use for. */
function refuseUseless(options: StartOptions, by: string, does: string): void {
  const useless = options.reload
    ? '--reload'
    : ofProjects.find(([name]) => options[name] !== undefined)?.[1];
  if (useless === undefined) return;
  throw new UsageError(
    `Option '${useless}' is for a project on this machine, but '${by}' ${does}. Leave one of them out.`,
  );
}

function openProject({ reload, ...options }: StartOptions, logger: Logger): Served {
  const project = locateProject(options.project);
  const { path: folder, kind } = project;
  const settings = resolveServerSettings({ ...options, projectPath: folder });
  // As for Kedro's nodes, whose working directory is the project's.
  if (kind === 'typescript') process.chdir(folder);
  const executor = createExecutor(project, settings, options, logger);
  logger.debug({ event: 'server.starting', ...settings }, 'Starting');
  return {
    executor,
    folder,
    place: folder,
    describeEngine: ({ kedroVersion }) =>
      kind === 'kedro' ? `Kedro ${kedroVersion}` : 'in TypeScript',
    takeFailure: (error) => {
      // A project in TypeScript is tried again with each request, and then what is mended counts.
      if (kind === 'kedro') throw error;
      logBroken(error, logger);
    },
    watch: () => (reload ? reloadOnChange(project, settings.confSource, executor, logger) : null),
  };
}

function openRemote(urls: readonly string[], options: StartOptions, logger: Logger): Served {
  refuseUseless(options, '--remote', 'gives runs to another server');
  const { workers: concurrency, graceMs: stopGraceMs } = options;
  const token = process.env['KEDRO_SERVER_REMOTE_TOKEN'];
  const executor = createRemoteExecutor({
    url: urls,
    concurrency,
    stopGraceMs,
    token: token === '' ? undefined : token,
  });
  return {
    executor,
    folder: path.resolve(),
    place: urls.map((url) => new URL(url).host).join(', '),
    describeEngine: () => `by ${urls.join(', ')}`,
    takeFailure: (error) => {
      if (!(error instanceof RemoteError)) return logBroken(error, logger);
      const { code, message } = error;
      logger.error(
        { event: 'remote.unusable', code },
        `${message} It is tried again with each request.`,
      );
    },
    watch: () => null,
  };
}
