import type { NodeSelection } from './node-selection.ts';

/** What is to be run: a run request with its identity, as an executor takes it. */
export interface RunOrder extends NodeSelection {
  /**
   * Start time in UTC as `YYYY-MM-DDThh.mm.ss.mmmZ`, unique on this server. Kedro saves
   * versioned datasets under it.
   */
  readonly runId: string;
  readonly loadVersions: Readonly<Record<string, string>> | null;
  /** Name of a runner, bare (`ThreadRunner`) or dotted; null means the sequential one. */
  readonly runner: string | null;
  readonly isAsync: boolean;
  readonly onlyMissingOutputs: boolean;
  /**
   * JSON text of the runtime parameters (an object), exactly as the caller wrote it: numbers
   * keep their spelling, so Python reads `1.0` as a float and long integers exactly.
   */
  readonly paramsJson: string | null;
  /**
   * JSON text of an object: this run's own data for datasets, by name, exactly as the caller
   * wrote it. It takes the place of what the catalog has, in this run only.
   */
  readonly inputsJson?: string | null;
  /**
   * What a dataset of `inputsJson` is made into, by name; where it is not said, what its catalog
   * entry calls for, and else `json`.
   */
  readonly inputKinds?: Readonly<Record<string, InputKind>> | null;
  /** Datasets whose data is wanted as `output.ready` events; an empty list is none. */
  readonly outputs?: readonly string[] | null;
  /** W3C trace context that the run's work belongs to; hooks and nodes can read it. */
  readonly traceparent?: string | null;
  /** The caller's own name for the request that asked for the run. */
  readonly requestId?: string | null;
}

/**
 * `json`: the data as it is. `table`: records (a list of objects) become the table of the
 * project's language, in Python a `pandas.DataFrame`. `array`: nested lists of numbers become a
 * `numpy.ndarray`.
 */
export type InputKind = 'json' | 'table' | 'array';
