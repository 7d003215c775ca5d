import type { RunLogEvent } from '../run/run-log-entry.ts';
import { RunEvent } from './run-event-resource.ts';

/**
 * Reads what a server tells of a run. Null for what is no event that is known here: servers of
 * later versions may tell more.
 */
export function parseRunEvent(value: unknown): RunLogEvent | null {
  const parsed = RunEvent.safeParse(value);
  return parsed.success ? fromRunEvent(parsed.data) : null;
}

function fromRunEvent(event: RunEvent): RunLogEvent {
  switch (event.type) {
    case 'run.queued':
      return { type: event.type };
    case 'run.cancelling':
      return { type: event.type, reason: event.reason };
    case 'run.started':
      return { type: event.type, elapsedMs: event.elapsed_ms };
    case 'run.planned':
      return { type: event.type, elapsedMs: event.elapsed_ms, nodes: event.nodes };
    case 'node.started':
      return { type: event.type, elapsedMs: event.elapsed_ms, node: event.node };
    case 'node.finished': {
      const { type, elapsed_ms: elapsedMs, node, duration_ms: durationMs } = event;
      return { type, elapsedMs, node, durationMs };
    }
    case 'node.failed': {
      const { type, elapsed_ms: elapsedMs, node, error } = event;
      return { type, elapsedMs, node, error };
    }
    case 'dataset.loaded':
    case 'dataset.saved': {
      const { type, elapsed_ms: elapsedMs, dataset, node, duration_ms: durationMs } = event;
      return { type, elapsedMs, dataset, node, durationMs };
    }
    case 'log': {
      const { type, elapsed_ms: elapsedMs, level, logger, source, message, node } = event;
      return { type, elapsedMs, level, logger, source, message, node };
    }
    case 'output.ready': {
      const { type, elapsed_ms: elapsedMs, output, kind, data_type: dataType, bytes } = event;
      return { type, elapsedMs, output, kind, dataType, bytes };
    }
    case 'output.failed': {
      const { type, elapsed_ms: elapsedMs, output, error } = event;
      return { type, elapsedMs, output, error };
    }
    case 'run.ended': {
      const { type, elapsed_ms: elapsedMs, status, duration_ms: durationMs, error } = event;
      return { type, elapsedMs, status, durationMs, error };
    }
  }
}
