import type { RunLogEntry } from './run-log-entry.ts';
import type { RunRecord } from './run-record.ts';

/** Reads a record of the JSON text that a store has made of it. */
export function readRecord(json: string): RunRecord {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the text was made of a RunRecord
  return JSON.parse(json) as RunRecord;
}

/** Reads entries of the JSON texts that a store has made of them. */
export function readEntries(texts: readonly string[]): RunLogEntry[] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- each text was made of a RunLogEntry
  return JSON.parse(`[${texts.join(',')}]`) as RunLogEntry[];
}
