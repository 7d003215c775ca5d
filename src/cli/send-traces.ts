import { diag, DiagLogLevel } from '@opentelemetry/api';
import type * as Sdk from '@opentelemetry/sdk-node';
import type { Logger } from 'pino';
import { createRunTracer } from '../run/run-tracer.ts';
import type { Tracing } from './tracing.ts';

const SDK = '@opentelemetry/sdk-node';
/** Exporters wait longer for a collector that does not answer. */
const FLUSH_LIMIT_MS = 5000;

/**
 * Starts OpenTelemetry's SDK, which reads the variables of its own; what it has to say goes into
 * the log. Without its package a warning says what to do, and null is given. `wish` is the
 * variable that asks for traces.
 */
export async function sendTraces(wish: string, logger: Logger): Promise<Tracing | null> {
  const module = await importSdk();
  if (module === null) {
    logger.warn(
      { event: 'tracing-missing' },
      `${wish} is set, but no traces are sent: the package ${SDK} is not installed. Install it beside kedro-server (npm install ${SDK}), or unset ${wish}.`,
    );
    return null;
  }
  const sdk = new module.NodeSDK({
    ...(!namesService() && { serviceName: 'kedro-server' }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  logDiagnostics(logger);
  sdk.start();
  logger.debug({ event: 'tracing-started' }, `Sending traces, as ${wish} says`);
  return {
    tracer: createRunTracer(),
    [Symbol.asyncDispose]: () => flush(() => sdk.shutdown(), logger),
  };
}

async function importSdk(): Promise<typeof Sdk | null> {
  try {
    return await import('@opentelemetry/sdk-node');
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (isMissing && error.message.includes(SDK)) return null;
    throw error;
  }
}

function namesService(): boolean {
  const { OTEL_SERVICE_NAME: name, OTEL_RESOURCE_ATTRIBUTES: attributes } = process.env;
  return Boolean(name) || /(?:^|,)\s*service\.name\s*=/u.test(attributes ?? '');
}

function logDiagnostics(logger: Logger): void {
  const write =
    (level: 'error' | 'warn' | 'debug' | 'trace') =>
    (message: string): void =>
      logger[level]({ event: 'tracing' }, `OpenTelemetry: ${message}`);
  const diagLogger = {
    error: write('error'),
    warn: write('warn'),
    info: write('debug'),
    debug: write('trace'),
    verbose: write('trace'),
  };
  diag.setLogger(diagLogger, { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true });
}

async function flush(shutdown: () => Promise<void>, logger: Logger): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), FLUSH_LIMIT_MS);
  try {
    if ((await Promise.race([shutdown(), late])) !== 'late') return;
    logger.warn(
      { event: 'tracing-late' },
      `The collector took no traces for ${FLUSH_LIMIT_MS / 1000} s: the last ones are lost.`,
    );
  } catch (error) {
    logger.warn({ event: 'tracing-failed', error }, 'The last traces could not be sent.');
  } finally {
    clearTimeout(timer);
  }
}
