import { diag, DiagLogLevel } from '@opentelemetry/api';
import type * as Sdk from '@opentelemetry/sdk-node';
import type { Logger } from 'pino';
import type { RunTracer } from '../run/run-trace.ts';
import { createRunTracer } from '../run/run-tracer.ts';

const SDK = '@opentelemetry/sdk-node';
/** Exporters wait longer for a collector that does not answer. */
const FLUSH_LIMIT_MS = 5000;

/** Traces of runs, on their way to a collector; disposing it sends the rest. */
export interface Tracing extends AsyncDisposable {
  /** Undefined where no traces are wanted, or none can be sent. */
  readonly tracer: RunTracer | undefined;
}

const noTracing: Tracing = {
  tracer: undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** The variable that asks for traces, if there is one; see OpenTelemetry's list of variables. */
function findWish(): string | undefined {
  const { env } = process;
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  if (env['OTEL_TRACES_EXPORTER']?.trim() === 'none') return undefined;
  const names = [
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_TRACES_EXPORTER',
  ];
  return names.find((name) => env[name]?.trim());
}

/**
 * Starts OpenTelemetry's SDK when the environment asks for traces. It reads the variables of its
 * own; what it has to say goes into the log. Without the SDK's package a warning says what to do.
 */
export async function startTracing(logger: Logger): Promise<Tracing> {
  const wish = findWish();
  if (wish === undefined) return noTracing;
  const module = await importSdk();
  if (module === null) {
    logger.warn(
      { event: 'tracing-missing' },
      `${wish} is set, but no traces are sent: the package ${SDK} is not installed. Install it beside kedro-server (npm install ${SDK}), or unset ${wish}.`,
    );
    return noTracing;
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
