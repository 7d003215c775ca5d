import type { RunEnded, RunError, RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { RecentEntries } from './recent-entries.ts';
import type { RunLogEntry, RunLogEvent } from './run-log-entry.ts';
import type {
  FinalStatus,
  OutputInfo,
  RunErrorAtNode,
  RunRecord,
  RunStatus,
  RunSubmission,
} from './run-record.ts';
import type { StoredOutput } from './run-store.ts';
import type { RunTrace, RunTracer } from './run-trace.ts';

/** Why a run was asked to stop. */
export interface StopWish {
  readonly kind: 'cancelled' | 'timed_out';
  readonly reason: string;
}

/** UTF-8 bytes of JSON that all outputs of a run may take together, unless said otherwise. */
export const defaultMaxRunOutputBytes = 64 * 1024 * 1024;

/** How a run ends that stopped as it was asked to. */
export function stoppedBy({ kind, reason }: StopWish): RunErrorAtNode {
  const type = kind === 'timed_out' ? 'RunTimedOut' : 'RunCancelled';
  return { type, message: reason, node: null };
}

const textEncoder = new TextEncoder();

/**
 * A run that is not over, as its owner holds it: what happens is told to it, and it makes the
 * log's entries and the record of it. Its first final state is its last.
 */
export class LiveRun {
  readonly id: string;
  readonly saveVersion: string;
  readonly submission: RunSubmission;
  /** As the executor gets it. */
  order: RunOrder;
  readonly createdAtMs: number;
  readonly recent: RecentEntries;
  /** Aborted when the run is to stop. */
  readonly abort = new AbortController();
  /** Resolves with the record once it is final and written. */
  readonly ended = Promise.withResolvers<RunRecord>();
  /** The record as readers may see it: as it was last written. */
  written: RunRecord;
  #status: RunStatus;
  #startedAtMs: number | null = null;
  #hasStarted = false;
  #endedAtMs: number | null = null;
  #durationMs: number | null = null;
  #nodesTotal: number | null = null;
  #nodesDone = 0;
  readonly #nodesRunning = new Set<string>();
  #failedNode: string | null = null;
  #error: RunErrorAtNode | null = null;
  readonly #maxOutputBytes: number;
  #outputs: readonly OutputInfo[] = [];
  #lastEventId: number;
  #stopWish: StopWish | null = null;
  #trace: RunTrace | null = null;
  #traceparent: string | null;
  #isAttended: boolean;

  /**
   * Takes up a run as it was last written. `maxOutputBytes` is what its outputs may take together.
   */
  constructor(record: RunRecord, maxOutputBytes: number) {
    this.#maxOutputBytes = maxOutputBytes;
    this.id = record.id;
    this.saveVersion = record.saveVersion;
    this.#traceparent = record.traceparent;
    this.#isAttended = record.isAttended;
    this.submission = record.submission;
    const { order, traceparent, requestId } = record.submission;
    this.order = { runId: record.saveVersion, ...order, traceparent, requestId };
    this.createdAtMs = record.createdAtMs;
    this.written = record;
    this.#status = record.status;
    this.#startedAtMs = record.startedAtMs;
    this.#nodesTotal = record.nodesTotal;
    this.#nodesDone = record.nodesDone;
    this.#outputs = record.outputs;
    this.#lastEventId = record.lastEventId;
    this.recent = new RecentEntries(record.lastEventId);
    // Who waits for its end looks at the promise; where nobody does, a failed write is no crash.
    this.ended.promise.catch(() => undefined);
  }

  get status(): RunStatus {
    return this.#status;
  }

  /** Whether the executor has told that it started. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether the caller that submitted it waits still. */
  get isAttended(): boolean {
    return this.#isAttended;
  }

  get durationMs(): number | null {
    return this.#durationMs;
  }

  toRecord(): RunRecord {
    return {
      id: this.id,
      saveVersion: this.saveVersion,
      submission: this.submission,
      status: this.#status,
      createdAtMs: this.createdAtMs,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      durationMs: this.#durationMs,
      nodesTotal: this.#nodesTotal,
      nodesDone: this.#nodesDone,
      nodesRunning: [...this.#nodesRunning],
      error: this.#error,
      outputs: this.#outputs,
      traceparent: this.#traceparent,
      isAttended: this.#isAttended,
      lastEventId: this.#lastEventId,
    };
  }

  /** Notes that it is to stop; the first wish counts. Null when it has one, or is over. */
  wishStop(wish: StopWish): RunLogEntry | null {
    if (this.#stopWish !== null || this.#endedAtMs !== null) return null;
    this.#stopWish = wish;
    if (this.#status === 'running') this.#status = 'cancelling';
    return this.append({ type: 'run.cancelling', reason: wish.reason });
  }

  /** Its caller knows it and waits no more: from now on it has to happen all the same. */
  leaveAlone(): void {
    this.#isAttended = false;
  }

  /**
   * Its turn has come: from now on it counts as begun, whatever becomes of the server. Nothing of
   * an earlier attempt counts any more.
   */
  begin(): void {
    this.#nodesTotal = null;
    this.#nodesDone = 0;
    this.#startedAtMs = Date.now();
    this.#status = this.#stopWish === null ? 'running' : 'cancelling';
  }

  /** Ends it without an executor. */
  finish(status: FinalStatus, error: RunErrorAtNode): RunLogEntry {
    return this.#end(status, 0, 0, error);
  }

  /** Takes in an event of the executor: gives the entry of it, and an output's data. */
  take(event: RunEvent): { readonly entry: RunLogEntry; readonly output: StoredOutput | null } {
    switch (event.type) {
      case 'run.started':
        this.#hasStarted = true;
        this.#startedAtMs = Date.now();
        break;
      case 'run.planned':
        this.#nodesTotal = event.nodes.length;
        break;
      case 'node.started':
        this.#nodesRunning.add(event.node);
        break;
      case 'node.finished':
        this.#nodesRunning.delete(event.node);
        this.#nodesDone += 1;
        break;
      case 'node.failed':
        this.#nodesRunning.delete(event.node);
        this.#failedNode ??= event.node;
        break;
      case 'output.ready': {
        const { json, ...told } = event;
        const { output: name, kind, dataType, elapsedMs } = event;
        const bytes = textEncoder.encode(json).byteLength;
        const total = this.#outputs.reduce((sum, output) => sum + output.bytes, bytes);
        if (total > this.#maxOutputBytes) {
          const error = tooLarge(name, bytes, this.#maxOutputBytes);
          return this.take({ type: 'output.failed', elapsedMs, output: name, error });
        }
        this.#addOutput({ name, kind, dataType, bytes, error: null });
        const entry = this.append({ ...told, bytes });
        return { entry, output: { runId: this.id, name, json } };
      }
      case 'output.failed': {
        const { output: name, error } = event;
        this.#addOutput({ name, kind: null, dataType: null, bytes: 0, error });
        break;
      }
      case 'run.ended':
        return { entry: this.#endAsTold(event), output: null };
      case 'dataset.loaded':
      case 'dataset.saved':
      case 'log':
        break;
    }
    return { entry: this.append(event), output: null };
  }

  /** Its turn is near: from now on it has a trace, to which its work belongs. */
  traceBy(tracer: RunTracer): void {
    this.#trace = tracer.begin(this.toRecord());
    this.#traceparent = this.#trace.traceparent;
    this.order = { ...this.order, traceparent: this.#traceparent };
  }

  append(event: RunLogEvent): RunLogEntry {
    this.#lastEventId += 1;
    const entry = { id: this.#lastEventId, atMs: Date.now(), event };
    this.recent.push(entry);
    this.#trace?.take(event);
    return entry;
  }

  #addOutput(output: OutputInfo): void {
    this.#outputs = [...this.#outputs.filter(({ name }) => name !== output.name), output];
  }

  #endAsTold({ status, elapsedMs, durationMs, error }: RunEnded): RunLogEntry {
    const wish = this.#stopWish;
    const node = this.#failedNode;
    if (status !== 'cancelled' || wish === null) {
      return this.#end(status, elapsedMs, durationMs, error === null ? null : { ...error, node });
    }
    return this.#end(wish.kind, elapsedMs, durationMs, {
      ...stoppedBy(wish),
      message: describeStop(wish.reason, error?.message ?? null),
      node,
    });
  }

  #end(
    status: FinalStatus,
    elapsedMs: number,
    durationMs: number,
    error: RunErrorAtNode | null,
  ): RunLogEntry {
    this.#status = status;
    this.#endedAtMs = Date.now();
    this.#durationMs = durationMs;
    this.#nodesRunning.clear();
    this.#error = error;
    return this.append({ type: 'run.ended', elapsedMs, status, durationMs, error });
  }
}

function tooLarge(output: string, bytes: number, maxBytes: number): RunError {
  const message = `The output '${output}' (${bytes} bytes as JSON) is more than what is left of the ${maxBytes} bytes that all outputs of a run may take: ask for fewer outputs, or save it in a file and read it there. The limit is the server's option maxRunOutputBytes.`;
  return { type: 'OutputTooLarge', message };
}

/** The wish, and what the executor says of how it went where that says more than "cancelled". */
function describeStop(reason: string, told: string | null): string {
  return told === null || told === reason || /^The run was cancelled\.?$/u.test(told)
    ? reason
    : `${reason} ${told}`;
}
