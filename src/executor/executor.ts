import type { ClaimingOrder, RunClaims } from './dataset-claims.ts';
import type { ProjectSnapshot } from './project-snapshot.ts';
import type { RunEvent } from './run-event.ts';
import type { RunOrder } from './run-order.ts';

/** What is known of a project once it has been opened. */
export interface ProjectInfo {
  readonly projectName: string;
  readonly packageName: string;
  /** Version of Kedro that runs the pipelines, e.g. `1.7.0`. */
  readonly kedroVersion: string;
  /** Runners that a run may name without dots; null where that is not known. */
  readonly runners: readonly string[] | null;
}

export interface SnapshotOptions {
  /** Text of the `params` query, as `kedro run --params` takes it, or null. */
  readonly params: string | null;
}

export interface ExecuteOptions {
  /** Aborting asks the run to stop; it then ends as `cancelled`. */
  readonly signal?: AbortSignal;
}

/** A figure of an executor, for whoever watches it; `name` is in snake case, `help` a sentence. */
export interface ExecutorFigure {
  readonly name: string;
  readonly help: string;
  /** A counter only grows, and its name ends in `_total`. */
  readonly type: 'gauge' | 'counter';
  read(): number;
}

export interface CloseOptions {
  /** How long runs may go on before they are ended; default: what the executor was made with. */
  readonly graceMs?: number | undefined;
}

/**
 * Runs pipelines. It knows nothing of HTTP: a run order goes in, run events come out.
 * Every implementation passes `test/conformance/executor-suite.ts`.
 */
export interface Executor {
  /** Runs that it works on at once, which may change when it is opened; those beyond wait inside. */
  readonly capacity: number;
  /** What is worth watching of it, such as its workers. */
  readonly figures?: readonly ExecutorFigure[];
  /**
   * Bootstraps the project. Callers that come together share one attempt, and a failed attempt
   * may be tried again. Throws `KedroServerError` when the project or its runtime cannot be used.
   */
  open(): Promise<ProjectInfo>;
  /**
   * Describes the project without touching anything that a run uses. The same object is
   * returned while nothing that it depends on has changed. Throws `SnapshotError`.
   */
  snapshot(options: SnapshotOptions): Promise<ProjectSnapshot>;
  /**
   * Tells what a run would read and write outside of its own memory, so that runs that would be in
   * each other's way are not given to it at once. An executor without it takes any runs at once.
   * Throws what keeps the run from beginning, too.
   */
  claimsOf?(order: ClaimingOrder): Promise<RunClaims>;
  /**
   * Runs one order. The events come in order, and the last one, and only that one, is
   * `run.ended`; a run that fails is such an event, never a throw. Throws `KedroServerError`
   * (`executor-closed`) after `close()`.
   */
  execute(order: RunOrder, options?: ExecuteOptions): AsyncIterable<RunEvent>;
  /** Lets the running runs end, then releases everything. Calling it again is the same call. */
  close(options?: CloseOptions): Promise<void>;
}
