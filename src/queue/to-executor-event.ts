import type { RunEvent } from '../executor/run-event.ts';
import type { RunLogEvent } from '../run/run-log-entry.ts';

const ofExecutors = { timed_out: 'failed', lost: 'crashed' } as const;

/**
 * An entry of a run's log as its executor told it; null for what no executor tells. `readOutput`
 * gives an output's data.
 */
export async function toExecutorEvent(
  event: RunLogEvent,
  readOutput: (name: string) => Promise<string | null>,
): Promise<RunEvent | null> {
  switch (event.type) {
    case 'run.queued':
    case 'run.cancelling':
      return null;
    case 'output.ready': {
      const { type, elapsedMs, output, kind, dataType } = event;
      const json = await readOutput(output);
      if (json !== null) return { type, elapsedMs, output, kind, dataType, json };
      const message = `The data of '${output}' is not kept any more.`;
      return { type: 'output.failed', elapsedMs, output, error: { type: 'OutputGone', message } };
    }
    case 'run.ended': {
      const { status, error } = event;
      const known = status === 'timed_out' || status === 'lost' ? ofExecutors[status] : status;
      const told = error && { type: error.type, message: error.message };
      return { ...event, status: known, error: told };
    }
    case 'run.started':
    case 'run.planned':
    case 'node.started':
    case 'node.finished':
    case 'node.failed':
    case 'dataset.loaded':
    case 'dataset.saved':
    case 'output.failed':
    case 'log':
      return event;
  }
}
