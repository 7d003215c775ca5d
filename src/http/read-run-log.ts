import { writeLogLine, writeServerSentEvent } from '../contract/to-run-event.ts';
import type { RunLogEntry } from '../run/run-log-entry.ts';
import { isFinal, type RunRecord } from '../run/run-record.ts';
import type { Runs } from '../run/runs.ts';

/** What of a run's log is wanted. */
export interface LogReading {
  /** Entries up to this id are not wanted. */
  readonly afterId: number;
  /** Only entries of this type. */
  readonly type?: 'log' | undefined;
  readonly signal: AbortSignal;
}

export interface LogPage {
  readonly entries: readonly RunLogEntry[];
  /** Id of the last entry that was looked at; null when the run is over and there are no more. */
  readonly nextAfter: number | null;
}

/** A browser that is cut off comes again after it. */
const reconnectMs = 2000;

/** What has happened until `record` was taken, in batches. */
async function* readUntil(
  runs: Runs,
  { id, lastEventId }: RunRecord,
  { afterId, type, signal }: LogReading,
): AsyncGenerator<readonly RunLogEntry[], void, void> {
  if (afterId >= lastEventId) return;
  for await (const batch of runs.read(id, { afterId, signal })) {
    yield type === undefined ? batch : batch.filter(({ event }) => event.type === type);
    if ((batch.at(-1)?.id ?? 0) >= lastEventId) return;
  }
}

/** A page of what has happened so far. */
export async function readLogPage(
  runs: Runs,
  record: RunRecord,
  reading: LogReading,
  limit: number,
): Promise<LogPage> {
  const entries: RunLogEntry[] = [];
  for await (const batch of readUntil(runs, record, reading)) {
    for (const entry of batch) {
      if (entries.length === limit) return { entries, nextAfter: entries.at(-1)?.id ?? null };
      entries.push(entry);
    }
  }
  const isWhole = isFinal(record.status);
  const last = Math.max(reading.afterId, record.lastEventId, entries.at(-1)?.id ?? 0);
  return { entries, nextAfter: isWhole ? null : last };
}

/** The run's log as server-sent events, to its end; `heartbeatMs` of silence give a comment. */
export async function* writeEventStream(
  runs: Runs,
  { id }: RunRecord,
  reading: LogReading,
  heartbeatMs: number,
): AsyncGenerator<string, void, void> {
  yield `retry: ${reconnectMs}\n\n`;
  for await (const batch of runs.read(id, { ...reading, idleMs: heartbeatMs })) {
    yield batch.length === 0 ? ': still here\n\n' : batch.map(writeServerSentEvent).join('');
  }
  if (reading.signal.aborted) return;
  const record = await runs.get(id);
  if (record === null || !isFinal(record.status)) return;
  yield `event: end\ndata: ${JSON.stringify({ status: record.status })}\n\n`;
}

/** The run's log lines as text: so far, or, with `isLive`, to the run's end. */
export async function* writeLogLines(
  runs: Runs,
  record: RunRecord,
  { isLive, ...reading }: LogReading & { readonly isLive: boolean },
): AsyncGenerator<string, void, void> {
  const batches = isLive ? runs.read(record.id, reading) : readUntil(runs, record, reading);
  for await (const batch of batches) {
    if (batch.length > 0) yield batch.map(writeLogLine).join('');
  }
}
