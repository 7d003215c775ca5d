import type { Run } from '../contract/run-resource.ts';

/** A run that did not succeed: it failed, was cancelled, took too long, or was lost. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  /** The run as it ended; `run.error` has the type, the message and the node. */
  readonly run: Run;

  constructor(run: Run) {
    const { id, status, error } = run;
    const node = error?.node ?? null;
    const where = node === null ? '' : ` in node '${node}'`;
    const why = error === null ? '' : `: ${error.type}: ${error.message}`;
    super(`Run ${id} has ${status === 'timed_out' ? 'timed out' : status}${where}${why}`);
    this.run = run;
  }
}
