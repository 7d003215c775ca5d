import { KedroServerError } from '../errors.ts';
import { entryMisplaced, runMissing } from './misplaced-write.ts';
import { pipelinesOf } from './pipelines-of.ts';
import type { RunLogEntry } from './run-log-entry.ts';
import { isFinal, type RunRecord } from './run-record.ts';
import type { KeyOwner, OwedCallback, RunBatch, RunQuery, RunStore } from './run-store.ts';
import { readEntries, readRecord, writeState, writeSubmission } from './stored-json.ts';

export interface MemoryRunStoreOptions {
  /** Runs that have ended and are kept; default: 1,000. */
  readonly maxRuns?: number | undefined;
  /** Memory for records, logs and outputs; default: 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Keys are small and forgotten after a day; this bounds what a flood of them can take. */
const maxKeys = 100_000;
/** What an object, its text's header and its place in a list take beside the text, about. */
const overheadBytes = 80;

/** A text of JSON: plain data that shares nothing with who gave it or gets it. */
type Json = string;

interface KeptRun {
  readonly id: string;
  readonly saveVersion: string;
  readonly createdAtMs: number;
  readonly pipelines: readonly string[];
  readonly owner: string | null;
  readonly labels: ReadonlyMap<string, string>;
  status: RunRecord['status'];
  /** When it ended; null before that. */
  endedAtMs: number | null;
  state: Json;
  readonly submission: Json;
  readonly inputs: Json | null;
  /** The entry of id 1 is the first. */
  readonly entries: { readonly type: RunLogEntry['event']['type']; readonly json: Json }[];
  readonly outputs: Map<string, Json>;
  callback: OwedCallback | null;
  bytes: number;
}

/**
 * Creates a store in the memory of this process. It holds what is running, and of what has ended
 * what fits into its bounds: the runs that ended first go first, and the one that ended last stays.
 * Nothing of a run that has not ended is ever dropped: one whose log alone is over `maxBytes`
 * takes the place of all others that have ended, and the store is over its bound until it ends and
 * another one does. Idempotency keys outlive their runs, the newest 100,000 of them.
 */
export function createMemoryRunStore(options: MemoryRunStoreOptions = {}): RunStore {
  const { maxRuns = 1000, maxBytes = 64 * 1024 * 1024 } = options;
  const runs = new Map<string, KeptRun>();
  const keys = new Map<string, KeyOwner>();
  /** All of `runs`, by id. */
  const byId: KeptRun[] = [];
  /** Those that have ended, by when they did. */
  const ended: KeptRun[] = [];
  let bytes = 0;
  let isClosed = false;

  function checkOpen(): void {
    if (isClosed) {
      throw new KedroServerError('store-unusable', 'The store of runs in memory has been closed.');
    }
  }

  function putRun(record: RunRecord, state: Json): void {
    let run = runs.get(record.id);
    if (run === undefined) {
      run = {
        id: record.id,
        saveVersion: record.saveVersion,
        createdAtMs: record.createdAtMs,
        pipelines: pipelinesOf(record),
        owner: record.submission.owner ?? null,
        labels: new Map(Object.entries(record.submission.labels)),
        status: record.status,
        endedAtMs: null,
        state: '',
        ...writeSubmission(record.submission),
        entries: [],
        outputs: new Map(),
        callback: null,
        bytes: 0,
      };
      runs.set(run.id, run);
      insert(byId, run, (one, other) => compare(one.id, other.id));
      grow(run, overheadBytes + bytesOf(run.submission) + bytesOf(run.inputs ?? ''));
    }
    grow(run, bytesOf(state) - bytesOf(run.state));
    run.state = state;
    run.status = record.status;
    if (isFinal(record.status) && run.endedAtMs === null) {
      run.endedAtMs = record.endedAtMs ?? record.createdAtMs;
      insert(ended, run, compareEnds);
    }
  }

  function grow(run: KeptRun, by: number): void {
    run.bytes += by;
    bytes += by;
  }

  function remove(run: KeptRun): void {
    runs.delete(run.id);
    take(byId, run);
    take(ended, run);
    bytes -= run.bytes;
  }

  function keepBounds(): void {
    while (ended.length > 1 && (ended.length > maxRuns || bytes > maxBytes)) {
      const [first] = ended;
      if (first !== undefined) remove(first);
    }
    for (const key of keys.keys()) {
      if (keys.size <= maxKeys) break;
      keys.delete(key);
    }
  }

  function write(batch: RunBatch): void {
    const records = batch.runs.map((record) => [record, writeState(record)] as const);
    const known = new Set(batch.runs.map(({ id }) => id));
    const lastIds = new Map<string, number>();
    const entries = batch.entries.map(({ runId, entry }) => {
      const lastId = lastIds.get(runId) ?? runs.get(runId)?.entries.length ?? 0;
      if (entry.id !== lastId + 1) throw entryMisplaced(runId, entry.id, lastId);
      lastIds.set(runId, entry.id);
      return { runId, type: entry.event.type, json: JSON.stringify(entry) };
    });
    const callbacks = batch.callbacks ?? [];
    for (const { runId } of [...entries, ...batch.outputs, ...callbacks]) {
      if (!known.has(runId) && !runs.has(runId)) throw runMissing(runId);
    }
    for (const [record, state] of records) putRun(record, state);
    for (const key of batch.keys) {
      keys.delete(key.key);
      keys.set(key.key, { ...key });
    }
    for (const { runId, type, json } of entries) {
      const run = runs.get(runId);
      run?.entries.push({ type, json });
      if (run !== undefined) grow(run, bytesOf(json) + overheadBytes);
    }
    for (const { runId, name, json } of batch.outputs) {
      const run = runs.get(runId);
      if (run === undefined) continue;
      grow(run, bytesOf(json) + overheadBytes - bytesOf(run.outputs.get(name) ?? ''));
      run.outputs.set(name, json);
    }
    for (const callback of callbacks) {
      const run = runs.get(callback.runId);
      if (run !== undefined) run.callback = callback.dueAtMs === null ? null : { ...callback };
    }
    keepBounds();
  }

  return {
    isDurable: false,
    open: async () => checkOpen(),
    write: async (batch) => {
      checkOpen();
      write(batch);
    },
    get: async (id) => {
      checkOpen();
      const run = runs.get(id);
      return run === undefined ? null : readRecord(run);
    },
    findVersion: async (saveVersion) => {
      checkOpen();
      const run = byId.findLast((each) => each.saveVersion === saveVersion);
      return run === undefined ? null : readRecord(run);
    },
    list: async (query) => {
      checkOpen();
      const found: RunRecord[] = [];
      for (let at = byId.length - 1; at >= 0 && found.length < query.limit; at -= 1) {
        const run = byId[at];
        if (run !== undefined && matches(run, query)) {
          found.push(readRecord({ ...run, inputs: null }));
        }
      }
      return found;
    },
    entries: async (id, afterId, limit, type) => {
      checkOpen();
      const found: Json[] = [];
      const all = runs.get(id)?.entries ?? [];
      for (let at = Math.max(0, afterId); at < all.length && found.length < limit; at += 1) {
        const entry = all[at];
        if (entry !== undefined && (type === undefined || entry.type === type)) {
          found.push(entry.json);
        }
      }
      return readEntries(found);
    },
    output: async (id, name) => {
      checkOpen();
      const json = runs.get(id)?.outputs.get(name);
      return json === undefined ? null : { runId: id, name, json };
    },
    findKey: async (key, nowMs) => {
      checkOpen();
      const owner = keys.get(key);
      return owner === undefined || owner.expiresAtMs <= nowMs ? null : { ...owner };
    },
    owedCallbacks: async () => {
      checkOpen();
      return byId
        .flatMap(({ callback }) => (callback === null ? [] : [{ ...callback }]))
        .toSorted((one, other) => (one.dueAtMs ?? 0) - (other.dueAtMs ?? 0));
    },
    unfinished: async () => {
      checkOpen();
      return byId.filter(({ endedAtMs }) => endedAtMs === null).map(readRecord);
    },
    prune: async ({ endedBeforeMs, maxEndedRuns, nowMs }) => {
      checkOpen();
      const isTooOld = (run: KeptRun): boolean =>
        endedBeforeMs !== null && run.endedAtMs !== null && run.endedAtMs < endedBeforeMs;
      const tooMany = ended.length - (maxEndedRuns ?? ended.length);
      const removed = ended.filter((run, index) => index < tooMany || isTooOld(run));
      for (const run of removed) remove(run);
      for (const { key, expiresAtMs } of keys.values()) {
        if (expiresAtMs <= nowMs) keys.delete(key);
      }
      return removed.length;
    },
    close: async () => {
      isClosed = true;
      runs.clear();
      keys.clear();
      byId.length = 0;
      ended.length = 0;
    },
  };
}

function matches(run: KeptRun, query: RunQuery): boolean {
  const { statuses, pipeline, owner = null, labels, sinceMs, untilMs, before } = query;
  return (
    (before === null || run.id < before) &&
    (statuses === null || statuses.includes(run.status)) &&
    (sinceMs === null || run.createdAtMs >= sinceMs) &&
    (untilMs === null || run.createdAtMs < untilMs) &&
    (pipeline === null || run.pipelines.includes(pipeline)) &&
    (owner === null || run.owner === owner) &&
    Object.entries(labels).every(([name, value]) => run.labels.get(name) === value)
  );
}

/** Inserts into a sorted list, from its end: nearly always that is the place. */
function insert<T>(list: T[], item: T, order: (one: T, other: T) => number): void {
  let at = list.length;
  for (; at > 0; at -= 1) {
    const before = list[at - 1];
    if (before === undefined || order(before, item) <= 0) break;
  }
  list.splice(at, 0, item);
}

/** Takes an item out of a list that has it; nearly always it is the first. */
function take<T>(list: T[], item: T): void {
  if (list[0] === item) list.shift();
  else list.splice(list.indexOf(item), 1);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function compareEnds(one: KeptRun, other: KeptRun): number {
  return (one.endedAtMs ?? 0) - (other.endedAtMs ?? 0) || compare(one.id, other.id);
}

/** V8 and JavaScriptCore keep a text in one byte a character when each fits. */
function bytesOf(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? 2 * text.length : text.length;
}
