import { createHttpServer, serve } from '../adapters/node.ts';
import { createKedroExecutor } from '../kedro/kedro-executor.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import { locateProject } from './locate-project.ts';
import { createLogger } from './logger.ts';
import { reloadOnChange } from './reload-on-change.ts';
import { createRunLog } from './run-log.ts';
import type { StartOptions } from './start-options.ts';
import { createStopSignal } from './stop-signal.ts';

/**
 * Serves a Kedro project until a signal says to stop. Rejects when it cannot: with
 * `UsageError` or `KedroServerError`, and then nothing is left running.
 */
export async function start(options: StartOptions): Promise<void> {
  const { host, port, project: given, reload, logLevel, graceMs, maxBodyBytes, ...pool } = options;
  const project = locateProject(given);
  const settings = resolveServerSettings({ ...pool, projectPath: project.path });
  await using log = createLogger(logLevel);
  const { logger } = log;
  using stop = createStopSignal((exitCode) => {
    log.flushSync();
    process.exit(exitCode);
  });
  const executor = createKedroExecutor({
    ...pool,
    ...settings,
    stopGraceMs: graceMs,
    onNotice: ({ level, event, message, details }) => logger[level]({ event, ...details }, message),
  });
  await using app = createHttpServer({
    executor,
    maxBodyBytes,
    onRunEvent: createRunLog(logger),
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
  const server = await Promise.race([
    serve(app, { hostname: host, port, signal: stopping.signal }),
    stopped,
  ]);
  if (server === undefined) return;
  const info = await app.ready();
  await watch?.ready;
  process.stdout.write(
    `Serving ${info.projectName} on ${server.url} (Kedro ${info.kedroVersion}, docs at ${server.url}/docs)\n`,
  );
  await stopped;
  await server.close();
  logger.info({ event: 'server.stopped' }, 'Stopped');
}
