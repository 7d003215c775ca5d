import type { Logger } from 'pino';
import type { RunTracer } from '../run/run-trace.ts';

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

/** Has traces of runs sent when the environment asks for them. */
export async function startTracing(logger: Logger): Promise<Tracing> {
  const wish = findWish();
  if (wish === undefined) return noTracing;
  // It takes about 300 ms to load.
  const { sendTraces } = await import('./send-traces.ts');
  return (await sendTraces(wish, logger)) ?? noTracing;
}
