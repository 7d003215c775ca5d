import type { RunLogEntry } from './run-log-entry.ts';

const maxEntries = 2048;
const maxLength = 1024 * 1024;

/**
 * The newest entries of one run's log, for those who follow it: they need not ask the store.
 * Bounded; who is further behind reads the store.
 */
export class RecentEntries {
  #entries: RunLogEntry[] = [];
  #length = 0;
  #writtenId: number;
  readonly #waiting = new Set<() => void>();

  /** `lastId` is that of the last entry that is only in the store. */
  constructor(lastId: number) {
    this.#writtenId = lastId;
  }

  push(entry: RunLogEntry): void {
    this.#entries.push(entry);
    this.#length += lengthOf(entry);
    if (this.#entries.length > 2 * maxEntries || this.#length > 2 * maxLength) this.#trim();
  }

  /** Lets readers see the entries up to `id`, which are in the store now. */
  written(id: number): void {
    this.#writtenId = Math.max(this.#writtenId, id);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Written entries after `id`; null when some of them are only in the store. */
  after(id: number): readonly RunLogEntry[] | null {
    if (id >= this.#writtenId) return [];
    const [first] = this.#entries;
    if (first === undefined || first.id > id + 1) return null;
    return this.#entries.slice(id + 1 - first.id, this.#writtenId + 1 - first.id);
  }

  /** Calls `wake` once, at the next write; the returned function takes that back. */
  onceWritten(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }

  /** Only what has been written may go: the store has it. */
  #trim(): void {
    let first = 0;
    while (
      first < this.#entries.length &&
      (this.#entries.length - first > maxEntries || this.#length > maxLength)
    ) {
      const entry = this.#entries[first];
      if (entry === undefined || entry.id > this.#writtenId) break;
      this.#length -= lengthOf(entry);
      first += 1;
    }
    this.#entries = this.#entries.slice(first);
  }
}

function lengthOf({ event }: RunLogEntry): number {
  return event.type === 'log' ? event.message.length : 0;
}
