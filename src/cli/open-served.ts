import path from 'node:path';
import type { Logger } from 'pino';
import { createRemoteExecutor, RemoteError } from '../adapters/node.ts';
import type { Executor, ProjectInfo } from '../executor/executor.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import type { FileWatch } from '../nodejs/watch-files.ts';
import { createExecutor, logBroken } from './create-executor.ts';
import { locateProject } from './locate-project.ts';
import { reloadOnChange } from './reload-on-change.ts';
import type { StartOptions } from './start-options.ts';
import { UsageError } from './usage-error.ts';

/** What a server serves: a project on this machine, or what other servers run. */
export interface Served {
  readonly executor: Executor;
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

/** Finds what is to be served. Throws `UsageError` and `KedroServerError`. */
export function openServed(options: StartOptions, logger: Logger): Served {
  const { remote } = options;
  return remote === undefined ? openProject(options, logger) : openRemote(remote, options, logger);
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
  const useless = options.reload
    ? '--reload'
    : ofProjects.find(([name]) => options[name] !== undefined)?.[1];
  if (useless !== undefined) {
    throw new UsageError(
      `Option '${useless}' is for a project on this machine, but '--remote' gives runs to another server. Leave one of them out.`,
    );
  }
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
