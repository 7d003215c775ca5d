import { createHttpServer, serve } from '../adapters/node.ts';
import type { ProjectInfo } from '../executor/executor.ts';
import { openDoor } from './door-options.ts';
import { createLogger } from './logger.ts';
import { openRunStore } from './open-run-store.ts';
import { openServed } from './open-served.ts';
import { logProcessFaults } from './process-faults.ts';
import { createRunLog } from './run-log.ts';
import type { StartOptions } from './start-options.ts';
import { createStopSignal } from '../nodejs/stop-signal.ts';
import { startTracing } from './tracing.ts';

/**
 * Serves a project, or what other servers run, until a signal says to stop. Rejects when it cannot: with
 * `UsageError` or `KedroServerError`, and then nothing is left running.
 */
export async function start(options: StartOptions): Promise<void> {
  const { host, port, logLevel, graceMs, maxBodyBytes, allowPrivateCallbacks, door } = options;
  const { guards, watch: watchDoor } = await openDoor(host, door);
  const { maxWaiting, overlap, timeoutMs, maxRunAgeMs, maxEndedRuns } = options;
  await using log = createLogger(logLevel);
  const { logger } = log;
  using _ = logProcessFaults(log);
  using stop = createStopSignal((exitCode) => {
    log.flushSync();
    process.exit(exitCode);
  });
  const served = await openServed(options, logger);
  const { executor, createRuns, folder } = served;
  await using tracing = await startTracing(logger);
  // Runs of a queue are where it is.
  const store =
    createRuns === undefined ? await openRunStore(options.store, folder, logger) : undefined;
  await using app = createHttpServer({
    ...guards,
    executor,
    createRuns,
    store,
    maxWaiting,
    overlap,
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
  const stopping = new AbortController();
  const stopped = stop.received.then((signal) => {
    logger.info(
      { event: 'server.stopping', signal, graceMs },
      `Stopping: running runs have ${graceMs / 1000} s to end`,
    );
    stopping.abort();
  });
  using keysWatch = watchDoor(logger);
  using watch = served.watch();
  const opened = Promise.withResolvers<ProjectInfo | null>();
  const ready = async (): Promise<void> => {
    try {
      opened.resolve(await app.ready());
    } catch (error) {
      served.takeFailure(error);
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
  await keysWatch?.ready;
  const docs = `docs at ${server.url}/docs`;
  process.stdout.write(
    info === null
      ? `Serving ${served.place} on ${server.url} (it cannot be loaded yet, ${docs})\n`
      : `Serving ${info.projectName} on ${server.url} (${served.describeEngine(info)}, ${docs})\n`,
  );
  await stopped;
  await server.close();
  logger.info({ event: 'server.stopped' }, 'Stopped');
}
