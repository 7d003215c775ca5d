import type { OutputKind, RunEnded, RunEvent, OutputReady } from '../executor/run-event.ts';
import type { FinalStatus, RunErrorAtNode } from './run-record.ts';

/** The run has been accepted. */
export interface RunQueued {
  readonly type: 'run.queued';
}

/** The run has been asked to stop. */
export interface RunCancelling {
  readonly type: 'run.cancelling';
  readonly reason: string;
}

/** The last entry of every log. */
export interface RunFinished {
  readonly type: 'run.ended';
  readonly elapsedMs: number;
  readonly status: FinalStatus;
  readonly durationMs: number;
  /** Null only when the run succeeded. */
  readonly error: RunErrorAtNode | null;
}

/** An output's data has been stored. */
export interface OutputStored {
  readonly type: 'output.ready';
  readonly elapsedMs: number;
  readonly output: string;
  readonly kind: OutputKind;
  readonly dataType: string;
  readonly bytes: number;
}

/** What a run's log tells: the executor's events, and what becomes of the run itself. */
export type RunLogEvent =
  | Exclude<RunEvent, RunEnded | OutputReady>
  | RunQueued
  | RunCancelling
  | OutputStored
  | RunFinished;

/** An entry of a run's log: one order for all that happens in it, for replay and for live readers. */
export interface RunLogEntry {
  /** Counts up from 1 within the run, without gaps. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly event: RunLogEvent;
}
