import type { OutputFailed, RunError } from './run-event.ts';
import type { RunOrder } from './run-order.ts';

/** UTF-8 bytes that an output's JSON may take when nobody says otherwise. */
export const defaultMaxOutputBytes = 16 * 1024 * 1024;

/** What has become of the outputs that an order asked for: each is told once. */
export interface OutputTally {
  /** Whether the output is wanted and has not been told; it has been then. */
  take(output: string): boolean;
  /** What to tell of the outputs that have not been told when the run ends. */
  rest(elapsedMs: number): readonly OutputFailed[];
}

function notMade(output: string): RunError {
  return {
    type: 'OutputNotMade',
    message: `The run made no data for '${output}': either no node of it makes or reads a dataset of this name, or the run ended before that.`,
  };
}

export function createOutputTally({ outputs }: Pick<RunOrder, 'outputs'>): OutputTally {
  const left = new Set(outputs);
  return {
    take: (output) => left.delete(output),
    rest: (elapsedMs) => {
      const failed = Array.from(left, (output): OutputFailed => ({
        type: 'output.failed',
        elapsedMs,
        output,
        error: notMade(output),
      }));
      left.clear();
      return failed;
    },
  };
}
