import { createHttpServer, serve } from '../adapters/node.ts';
import type { ProjectInfo } from '../executor/executor.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import { createExecutor, logBroken } from './create-executor.ts';
import { locateProject } from './locate-project.ts';
import { toGuards } from './door-options.ts';
import { createLogger } from './logger.ts';
import { openRunStore } from './open-run-store.ts';
import { logProcessFaults } from './process-faults.ts';
import { reloadOnChange } from './reload-on-change.ts';
import { createRunLog } from './run-log.ts';
import type { StartOptions } from './start-options.ts';
import { createStopSignal } from './stop-signal.ts';
import { startTracing } from './tracing.ts';

/**
 * Serves a project until a signal says to stop. Rejects when it cannot: with
 * `UsageError` or `KedroServerError`, and then nothing is left running.
 */
export async function start(options: StartOptions): Promise<void> {
  const { host, port, project: given, reload, logLevel, graceMs, maxBodyBytes, ...rest } = options;
  const { store: askedStore, allowPrivateCallbacks, door, ...others } = rest;
  const guards = toGuards(host, door);
  const { maxWaiting, timeoutMs, maxRunAgeMs, maxEndedRuns, ...pool } = others;
  const project = locateProject(given);
  const settings = resolveServerSettings({ ...pool, projectPath: project.path });
  await using log = createLogger(logLevel);
  const { logger } = log;
  using _ = logProcessFaults(log);
  using stop = createStopSignal((exitCode) => {
    log.flushSync();
    process.exit(exitCode);
  });
  // As for Kedro's nodes, whose working directory is the project's.
  if (project.kind === 'typescript') process.chdir(project.path);
  await using tracing = await startTracing(logger);
  const executor = createExecutor(project, settings, { ...pool, graceMs }, logger);
  const store = await openRunStore(askedStore, project.path, logger);
  await using app = createHttpServer({
    ...guards,
    executor,
    store,
    maxWaiting,
    timeoutMs,
    stopGraceMs: graceMs,
    maxRunAgeMs,
    maxEndedRuns,
    maxBodyBytes,
    callbacks: {
      allowPrivate: allowPrivateCallbacks,
      onFailure: (failure) =>
        logger.warn({ event: 'callback.failed', ...failure }, 'A callback did not arrive'),
    },
    onStoreError: (err) => logger.error({ event: 'store-error', err }, 'The store of runs failed'),
    onRunEvent: createRunLog(logger),
    tracer: tracing.tracer,
    onUnexpectedError: (err) => logger.error({ event: 'unexpected-error', err }, err.message),
  });
  logger.debug({ event: 'server.starting', ...settings }, 'Starting');
  const stopping = new AbortController();
  const stopped = stop.received.then((signal) => {
    logger.info(
      { event: 'server.stopping', signal, graceMs },
      `Stopping: running runs have ${graceMs / 1000} s to end`,
    );
    stopping.abort();
  });
  using watch = reload ? reloadOnChange(project, settings.confSource, executor, logger) : null;
  const opened = Promise.withResolvers<ProjectInfo | null>();
  const ready = async (): Promise<void> => {
    try {
      opened.resolve(await app.ready());
    } catch (error) {
      // A project in TypeScript is tried again with each request, and then what is mended counts.
      if (project.kind === 'kedro') throw error;
      logBroken(error, logger);
      opened.resolve(null);
    }
  };
  const servable = { fetch: app.fetch, ready, close: () => app.close() };
  const server = await Promise.race([
    serve(servable, { hostname: host, port, signal: stopping.signal }),
    stopped,
  ]);
  if (server === undefined) return;
  const info = await opened.promise;
  await watch?.ready;
  const engine = project.kind === 'kedro' ? `Kedro ${info?.kedroVersion}` : 'in TypeScript';
  const docs = `docs at ${server.url}/docs`;
  process.stdout.write(
    info === null
      ? `Serving ${project.path} on ${server.url} (it cannot be loaded yet, ${docs})\n`
      : `Serving ${info.projectName} on ${server.url} (${engine}, ${docs})\n`,
  );
  await stopped;
  await server.close();
  logger.info({ event: 'server.stopped' }, 'Stopped');
}
