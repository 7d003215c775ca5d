import { owedCallback } from './callbacks.ts';
import type { LiveRun } from './live-run.ts';
import type { RunLogEntry } from './run-log-entry.ts';
import { isFinal, type RunRecord } from './run-record.ts';
import type { KeyOwner, RunStore, StoredOutput } from './run-store.ts';

/** How long entries may wait to be written, together, before readers see them. */
const writeAfterMs = 5;
const retryAfterMs = 1000;

/**
 * Writes what happens to runs into the store, many changes at once. Readers are told of what is
 * written, never of what is not.
 */
export class RunJournal {
  readonly #store: Pick<RunStore, 'write'>;
  readonly #onError: (error: unknown) => void;
  readonly #onEnded: (record: RunRecord) => void;
  #dirty = new Set<LiveRun>();
  #keys: KeyOwner[] = [];
  #entries: { readonly runId: string; readonly entry: RunLogEntry }[] = [];
  #outputs: StoredOutput[] = [];
  #turn: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `onEnded` is told of each run whose final state is written; `onError` why writing failed. */
  constructor(
    store: Pick<RunStore, 'write'>,
    onEnded: (record: RunRecord) => void,
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#onEnded = onEnded;
    this.#onError = onError;
  }

  addKey(key: KeyOwner): void {
    this.#keys.push(key);
  }

  add(run: LiveRun, entry: RunLogEntry, output: StoredOutput | null = null): void {
    this.#dirty.add(run);
    this.#entries.push({ runId: run.id, entry });
    if (output !== null) this.#outputs.push(output);
    this.#timer ??= setTimeout(() => void this.write().catch(this.#onError), writeAfterMs);
  }

  /** Has the run's record written, without anything new in its log. */
  touch(run: LiveRun): void {
    this.#dirty.add(run);
  }

  /** Takes back what waits to be written of a run. */
  forget(run: LiveRun): void {
    this.#dirty.delete(run);
    this.#keys = this.#keys.filter(({ runId }) => runId !== run.id);
    this.#entries = this.#entries.filter(({ runId }) => runId !== run.id);
    this.#outputs = this.#outputs.filter(({ runId }) => runId !== run.id);
  }

  /**
   * Writes all that has been added. Rejects when the store cannot; what was to be written waits
   * on, and is tried again.
   */
  async write(): Promise<void> {
    const mine = this.#turn.then(() => this.#writeNow());
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Ends the timer; what still waits is not written. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #writeNow(): Promise<void> {
    this.close();
    if (this.#dirty.size === 0) return;
    const runs = this.#dirty;
    const [keys, entries, outputs] = [this.#keys, this.#entries, this.#outputs];
    this.#dirty = new Set();
    this.#keys = [];
    this.#entries = [];
    this.#outputs = [];
    const records = new Map<LiveRun, RunRecord>();
    for (const run of runs) records.set(run, run.toRecord());
    try {
      const written = [...records.values()];
      const callbacks = written.flatMap((record) => owedCallback(record) ?? []);
      await this.#store.write({ runs: written, keys, entries, outputs, callbacks });
    } catch (error) {
      this.#dirty = new Set([...runs, ...this.#dirty]);
      this.#keys = [...keys, ...this.#keys];
      this.#entries = [...entries, ...this.#entries];
      this.#outputs = [...outputs, ...this.#outputs];
      this.#timer ??= setTimeout(() => void this.write().catch(this.#onError), retryAfterMs);
      throw error;
    }
    for (const [run, record] of records) {
      run.written = record;
      run.recent.written(record.lastEventId);
      if (isFinal(record.status)) this.#onEnded(record);
    }
  }
}
