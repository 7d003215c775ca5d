import { createRunRecord } from '../../src/run/create-run-record.ts';
import type { RunLogEntry, RunLogEvent } from '../../src/run/run-log-entry.ts';
import { isFinal, type RunRecord, type RunStatus } from '../../src/run/run-record.ts';
import type { RunBatch, RunQuery } from '../../src/run/run-store.ts';
import { createSubmission } from '../run/submission.ts';

const epochMs = Date.UTC(2026, 0, 1);
let records = 0;

/** Creates the record of a run that waits, a second younger than the one before it. */
export function createRecord(wanted: Partial<RunRecord> = {}): RunRecord {
  records += 1;
  const createdAtMs = wanted.createdAtMs ?? epochMs + records * 1000;
  const saveVersion = new Date(createdAtMs).toISOString().replaceAll(':', '.');
  return {
    ...createRunRecord(createSubmission(), saveVersion),
    id: runIdAt(createdAtMs, records),
    createdAtMs,
    ...wanted,
  };
}

/** The form of a UUID of version 7: it sorts by the time, then by the number. */
export function runIdAt(createdAtMs: number, number: number): string {
  const time = createdAtMs.toString(16).padStart(12, '0');
  const rest = number.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`;
}

/** The record in another state; a final one gets the time of its end. */
export function withStatus(record: RunRecord, status: RunStatus, atMs: number): RunRecord {
  return { ...record, status, endedAtMs: isFinal(status) ? atMs : null };
}

export function createEntry(id: number, event?: RunLogEvent): RunLogEntry {
  return { id, atMs: epochMs + id, event: event ?? createLogEvent(`line ${id}`) };
}

export function createLogEvent(message: string): RunLogEvent {
  return {
    type: 'log',
    elapsedMs: 1.5,
    level: 'info',
    logger: null,
    source: 'stdout',
    message,
    node: null,
  };
}

export function batchOf(wanted: Partial<RunBatch>): RunBatch {
  return { runs: [], keys: [], entries: [], outputs: [], ...wanted };
}

export function queryOf(wanted: Partial<RunQuery> = {}): RunQuery {
  return {
    statuses: null,
    pipeline: null,
    labels: {},
    sinceMs: null,
    untilMs: null,
    before: null,
    limit: 1000,
    ...wanted,
  };
}
