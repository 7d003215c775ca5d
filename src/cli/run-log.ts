import type { Logger } from 'pino';
import type { LogLevel } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import type { RunLogEvent } from '../run/run-log-entry.ts';

const PINO_LEVELS: Readonly<Record<LogLevel, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
};

/** They come many times in a run, and are seldom logged: nothing is made of them in vain. */
const atDebug: ReadonlySet<RunLogEvent['type']> = new Set<RunLogEvent['type']>([
  'run.queued',
  'run.planned',
  'node.started',
  'node.finished',
  'dataset.loaded',
  'dataset.saved',
  'output.ready',
]);

/**
 * Logs what happens in runs, each line with its run and the version that Kedro knows it by: start and end, what nodes log and print,
 * and failures at their levels; the progress of nodes and datasets at `debug`.
 */
export function createRunLog(
  logger: Logger,
): (runId: string, order: RunOrder, event: RunLogEvent) => void {
  return (runId, order, event) => {
    if (atDebug.has(event.type) && !logger.isLevelEnabled('debug')) return;
    const run = { runId, saveVersion: order.runId, ...toOrigin(order) };
    switch (event.type) {
      case 'run.queued':
        logger.debug({ event: event.type, ...run, ...toAsked(order) }, 'Run queued');
        return;
      case 'run.cancelling': {
        const { reason } = event;
        logger.info({ event: event.type, ...run, reason }, 'Run cancelling');
        return;
      }
      case 'run.started':
        logger.info({ event: event.type, ...run, ...toAsked(order) }, 'Run started');
        return;
      case 'run.planned':
        logger.debug({ event: event.type, ...run, nodes: event.nodes }, 'Run planned');
        return;
      case 'node.started':
        logger.debug({ event: event.type, ...run, node: event.node }, 'Node started');
        return;
      case 'node.finished': {
        const { node, durationMs } = event;
        logger.debug({ event: event.type, ...run, node, durationMs }, 'Node finished');
        return;
      }
      case 'node.failed': {
        const { node, error } = event;
        logger.error({ event: event.type, ...run, node, error }, 'Node failed');
        return;
      }
      case 'dataset.loaded':
      case 'dataset.saved': {
        const { dataset, node, durationMs } = event;
        const text = event.type === 'dataset.loaded' ? 'Dataset loaded' : 'Dataset saved';
        logger.debug({ event: event.type, ...run, dataset, node, durationMs }, text);
        return;
      }
      case 'log': {
        const { node, logger: name, source, message } = event;
        logger[PINO_LEVELS[event.level]]({ ...run, node, logger: name, source }, message);
        return;
      }
      case 'output.ready': {
        const { output, kind, dataType } = event;
        logger.debug({ event: event.type, ...run, output, kind, dataType }, 'Output ready');
        return;
      }
      case 'output.failed': {
        const { output, error } = event;
        logger.warn({ event: event.type, ...run, output, error }, 'Output not available');
        return;
      }
      case 'run.ended': {
        const { status, durationMs, error } = event;
        const level = status === 'succeeded' || status === 'cancelled' ? 'info' : 'error';
        logger[level](
          { event: event.type, ...run, status, durationMs, ...(error && { error }) },
          `Run ${status}`,
        );
      }
    }
  };
}

/**
 * What tells which request the run comes from. `trace_id` is spelled as log collectors look for it:
 * https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/
 */
function toOrigin({ traceparent, requestId }: RunOrder): Record<string, string> {
  const traceId = traceparent?.split('-')[1];
  return { ...(traceId && { trace_id: traceId }), ...(requestId && { requestId }) };
}

const untold: ReadonlySet<string> = new Set([
  'runId',
  'paramsJson',
  'inputsJson',
  'traceparent',
  'requestId',
]);

/** What the caller asked for, but for parameters and data, which may hold secrets. */
function toAsked(order: RunOrder): Record<string, unknown> {
  const told = Object.entries(order).filter(([name]) => !untold.has(name));
  return Object.fromEntries(told.filter(([, value]) => value !== null && value !== false));
}
