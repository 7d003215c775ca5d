import { createProcessExecutor } from '../adapters/node.ts';
import type { Executor } from '../executor/executor.ts';
import { resolveServerSettings } from '../nodejs/server-settings.ts';
import { createStopSignal } from '../nodejs/stop-signal.ts';
import { createExecutor, refuseOfPython } from './create-executor.ts';
import { loadQueue } from './load-queue.ts';
import { locateProject } from './locate-project.ts';
import { type CliLogger, createLogger } from './logger.ts';
import { logProcessFaults } from './process-faults.ts';
import { queueListeners } from './queue-listeners.ts';
import { createRunLog } from './run-log.ts';
import { startTracing } from './tracing.ts';
import type { WorkerOptions } from './worker-options.ts';

/**
 * Takes runs from a queue until a signal says to stop. Rejects when it cannot: with `UsageError` or
 * `KedroServerError`, and then nothing is left running.
 */
export async function work(options: WorkerOptions): Promise<void> {
  const { queue: connection, queueName: queue, lostAfterMs, name, graceMs, logLevel } = options;
  await using log = createLogger(logLevel);
  const { logger } = log;
  using _ = logProcessFaults(log);
  using stop = createStopSignal((exitCode) => {
    log.flushSync();
    process.exit(exitCode);
  });
  const { createQueueWorker } = await loadQueue();
  await using tracing = await startTracing(logger);
  await using worker = createQueueWorker({
    connection,
    queue,
    lostAfterMs,
    name,
    executor: createWorkerExecutor(options, log),
    concurrency: options.concurrency,
    stopGraceMs: graceMs,
    tracer: tracing.tracer,
    onEvent: createRunLog(logger),
    ...queueListeners(logger),
  });
  const info = await Promise.race([worker.open(), stop.received.then(() => null)]);
  if (info === null) return;
  const place = `${new URL(connection).host}, queue '${queue ?? 'kedro'}'`;
  process.stdout.write(`Working on ${info.projectName} for ${place}, as ${worker.name}\n`);
  const signal = await stop.received;
  logger.info(
    { event: 'worker.stopping', signal, graceMs, running: worker.running },
    `Stopping: ${worker.running} runs have ${graceMs / 1000} s to end`,
  );
  await worker.close();
  logger.info({ event: 'worker.stopped' }, 'Stopped');
}

/** Each run has a process of its own, so that none keeps this one from saying that it is alive. */
function createWorkerExecutor(
  { concurrency, ...options }: WorkerOptions,
  { logger }: CliLogger,
): Executor {
  const project = locateProject(options.project);
  const settings = resolveServerSettings({ ...options, projectPath: project.path });
  if (project.kind === 'kedro') {
    return createExecutor(project, settings, { ...options, workers: concurrency }, logger);
  }
  refuseOfPython(project, options);
  process.chdir(project.path);
  const { trustParams, paramRoots, graceMs } = options;
  return createProcessExecutor({
    ...settings,
    concurrency,
    trustParams,
    paramRoots,
    stopGraceMs: graceMs,
  });
}
