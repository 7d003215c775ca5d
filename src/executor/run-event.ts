/** An exception of the project's code: its class's qualified name and its redacted message. */
export interface RunError {
  readonly type: string;
  readonly message: string;
}

interface Timed {
  /** Milliseconds since the run began, from a monotonic clock; never goes back within a run. */
  readonly elapsedMs: number;
}

export interface RunStarted extends Timed {
  readonly type: 'run.started';
}

/** The pipeline is known: the nodes that this run will execute, in execution order. */
export interface RunPlanned extends Timed {
  readonly type: 'run.planned';
  readonly nodes: readonly string[];
}

export interface NodeStarted extends Timed {
  readonly type: 'node.started';
  readonly node: string;
}

/** The node's function has returned and its outputs are saved. */
export interface NodeFinished extends Timed {
  readonly type: 'node.finished';
  readonly node: string;
  readonly durationMs: number;
}

export interface NodeFailed extends Timed {
  readonly type: 'node.failed';
  readonly node: string;
  readonly error: RunError;
}

export interface DatasetLoaded extends Timed {
  readonly type: 'dataset.loaded';
  readonly dataset: string;
  readonly node: string;
  readonly durationMs: number;
}

export interface DatasetSaved extends Timed {
  readonly type: 'dataset.saved';
  readonly dataset: string;
  readonly node: string;
  readonly durationMs: number;
}

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** A line that the run logged or printed. */
export interface RunLog extends Timed {
  readonly type: 'log';
  readonly level: LogLevel;
  /** Name of the logger; null for what was printed. */
  readonly logger: string | null;
  /** Where the line came from: a log record, or what was written to a standard stream. */
  readonly source: 'logging' | 'stdout' | 'stderr' | 'output';
  readonly message: string;
  /** The node it came from, or null when it came from none or that cannot be known. */
  readonly node: string | null;
}

/**
 * What an output's data is, as JSON. `json`: the value itself. `table`: a list of records.
 * `array`: nested lists. `text`: a text. `reference`: data that JSON cannot hold, as
 * `{dataset, filepath, version}` of where it is.
 */
export type OutputKind = 'json' | 'table' | 'array' | 'text' | 'reference';

/** An output that the order asked for. It is told once for each, before the run ends. */
export interface OutputReady extends Timed {
  readonly type: 'output.ready';
  readonly output: string;
  readonly kind: OutputKind;
  /** Qualified name of the value's class, e.g. `pandas.DataFrame`, `dict`, `Array`. */
  readonly dataType: string;
  /** JSON text of the data. */
  readonly json: string;
}

/** An output that cannot be had: `OutputTooLarge`, or why it could not be read. */
export interface OutputFailed extends Timed {
  readonly type: 'output.failed';
  readonly output: string;
  readonly error: RunError;
}

export type RunEndStatus = 'succeeded' | 'failed' | 'cancelled' | 'crashed';

/** The last event of every run. `crashed`: what ran it died under it. */
export interface RunEnded extends Timed {
  readonly type: 'run.ended';
  readonly status: RunEndStatus;
  readonly durationMs: number;
  /** Null only when the run succeeded. */
  readonly error: RunError | null;
}

export type RunEvent =
  | RunStarted
  | RunPlanned
  | NodeStarted
  | NodeFinished
  | NodeFailed
  | DatasetLoaded
  | DatasetSaved
  | RunLog
  | OutputReady
  | OutputFailed
  | RunEnded;
