import type { OutputKind, RunError } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';

export const openStatuses = ['queued', 'running', 'cancelling'] as const;
const finalStatuses = ['succeeded', 'failed', 'cancelled', 'timed_out', 'crashed', 'lost'] as const;

/** States that a run passes through; a final one never changes. */
export const runStatuses = [...openStatuses, ...finalStatuses] as const;
export type RunStatus = (typeof runStatuses)[number];

/**
 * How a run ended. `crashed`: what ran it died under it; `lost`: the server did; `timed_out`: it
 * was ended because it took longer than it was given.
 */
export type FinalStatus = (typeof finalStatuses)[number];

const final: ReadonlySet<string> = new Set(finalStatuses);

export function isFinal(status: RunStatus): status is FinalStatus {
  return final.has(status);
}

/** Runs with the same key do not overlap beyond `limit`. */
export interface ConcurrencyLimit {
  readonly key: string;
  /** Runs with this key at once; at least 1. */
  readonly limit: number;
  /** What becomes of a run that would be one too many. */
  readonly onConflict: 'queue' | 'reject' | 'cancel_running';
}

/** Whether runs that are in conflict over a dataset `wait` for each other, or are `allow`ed to overlap. */
export type Overlap = 'wait' | 'allow';

/** Whom to tell of the final state; `secret` signs what is sent. */
export interface Callback {
  readonly url: string;
  readonly secret: string | null;
}

/** What a caller wants to be run, and how. */
export interface RunSubmission {
  readonly order: Omit<RunOrder, 'runId' | 'traceparent' | 'requestId'>;
  /** Whose run it is; none where the server does not ask who calls. */
  readonly owner?: string | null | undefined;
  /** Datasets that `order.inputsJson` has data for. */
  readonly inputNames: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds from its start after which the run is ended; null: without limit. */
  readonly timeoutMs: number | null;
  /** The greater is begun earlier; 0 by default, and first come first served among equals. */
  readonly priority: number;
  readonly concurrency: ConcurrencyLimit | null;
  /** As the server's option says, where it is left out. */
  readonly overlap?: Overlap | undefined;
  readonly callback: Callback | null;
  /** Whether it is begun again when the worker that runs it is lost; default: it is not. */
  readonly onWorkerLost?: 'retry' | 'fail' | undefined;
  /** How often it is begun again, at most; default: 3. */
  readonly maxCrashes?: number | undefined;
  /** Whether its caller waits for the end, and goes away with its connection. */
  readonly isAttended: boolean;
  /** The run that this one repeats. */
  readonly retryOf: string | null;
  /** 1, and one more with each retry. */
  readonly attempt: number;
  /** W3C trace context that the caller sent. */
  readonly traceparent: string | null;
  /** The caller's own name for its request. */
  readonly requestId: string | null;
}

/** Why a run did not succeed. */
export interface RunErrorAtNode extends RunError {
  /** The node that failed, or null when that was none or is not known. */
  readonly node: string | null;
}

/** An output that was asked for; `error` tells why its data cannot be had. */
export interface OutputInfo {
  readonly name: string;
  readonly kind: OutputKind | null;
  readonly dataType: string | null;
  /** UTF-8 bytes of its JSON text. */
  readonly bytes: number;
  readonly error: RunError | null;
}

/** A run as it is at one moment: plain data. Times are milliseconds since 1970. */
export interface RunRecord {
  /** A UUID of version 7: unique, and sorted by the time of creation. */
  readonly id: string;
  /** Kedro's run id, under which versioned datasets are saved. */
  readonly saveVersion: string;
  readonly submission: RunSubmission;
  readonly status: RunStatus;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** How long the pipeline ran, by a monotonic clock; null before the end. */
  readonly durationMs: number | null;
  /** Nodes that the run will execute; null until that is known. */
  readonly nodesTotal: number | null;
  readonly nodesDone: number;
  readonly nodesRunning: readonly string[];
  readonly error: RunErrorAtNode | null;
  readonly outputs: readonly OutputInfo[];
  /**
   * W3C trace context that its work belongs to: a span of its own once it has begun, where traces
   * are made; else what the caller has sent.
   */
  readonly traceparent: string | null;
  /**
   * Whether the caller that submitted it waits still: when the server is lost before it has begun,
   * it is not begun for nobody.
   */
  readonly isAttended: boolean;
  /** Id of the last entry of its log; 0 before the first. */
  readonly lastEventId: number;
}
