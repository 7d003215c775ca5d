import type { RunEnded, RunError } from './run-event.ts';

function nameAndMessage(error: unknown): RunError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { type: name, message };
}

/** How a run ends that could not begin. */
export function notBegun(
  error: unknown,
  isCancelled: boolean,
  toRunError: (error: unknown) => RunError = nameAndMessage,
): RunEnded {
  return {
    type: 'run.ended',
    elapsedMs: 0,
    durationMs: 0,
    status: isCancelled ? 'cancelled' : 'failed',
    error: isCancelled
      ? { type: 'RunCancelled', message: 'The run was cancelled before it began.' }
      : toRunError(error),
  };
}
