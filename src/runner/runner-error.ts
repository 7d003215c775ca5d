import { KedroServerError, type RunnerErrorCode } from '../errors.ts';

/** What Kedro calls each error; it is the `error.type` that its server answers with. */
const kedroTypes = {
  'inputs-unsatisfied': 'ValueError',
  'generator-with-async': 'ValueError',
  'concurrency-invalid': 'ValueError',
  'hook-result-invalid': 'TypeError',
  'thrown-value-invalid': 'TypeError',
  'output-too-large': 'OutputTooLarge',
  'thread-ended': 'BrokenProcessPool',
  'node-not-shared': 'AttributeError',
  'run-cancelled': 'RunCancelled',
} as const satisfies Record<RunnerErrorCode, string>;

/** A run that cannot go on; `name` is Kedro's own type. */
export class RunnerError extends KedroServerError<RunnerErrorCode> {
  override readonly name: string;

  constructor(code: RunnerErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = kedroTypes[code];
  }
}

/** The run was asked to stop. `what` says what it was doing. */
export function cancelledError(what: string, reason: unknown): RunnerError {
  return new RunnerError('run-cancelled', `The run was cancelled ${what}.`, { cause: reason });
}

/** Whether the error means no more than that the run was asked to stop. */
export function isCancelled(error: unknown): boolean {
  return error instanceof RunnerError && error.code === 'run-cancelled';
}
