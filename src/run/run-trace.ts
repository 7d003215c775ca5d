import type { RunLogEvent } from './run-log-entry.ts';
import type { RunRecord } from './run-record.ts';

/** The trace of one run, from the moment that it begins. */
export interface RunTrace {
  /**
   * W3C trace context that the run's work belongs to: hooks and nodes get it. Null when there is
   * none.
   */
  readonly traceparent: string | null;
  /** Told every event of the run, in order. Must not throw. */
  take(event: RunLogEvent): void;
}

/** Makes traces of runs. `kedro-server/opentelemetry` has one. */
export interface RunTracer {
  /** Called when a run is about to begin. Must not throw. */
  begin(run: RunRecord): RunTrace;
}
