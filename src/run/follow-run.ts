import type { RunLogEntry } from './run-log-entry.ts';
import type { RunStore } from './run-store.ts';

export interface FollowOptions {
  /** Entries up to this id are not wanted; 0: all are. */
  readonly afterId: number;
  /** Only entries of this type. */
  readonly type?: RunLogEntry['event']['type'] | undefined;
  /** An empty batch is given after each such silence; without it, none is. */
  readonly idleMs?: number | undefined;
  /** Aborting it ends the reading. */
  readonly signal?: AbortSignal | undefined;
  /** The same, for all readings. */
  readonly closed?: AbortSignal | undefined;
}

/** A run that is not over, as far as who follows it needs to know. */
export interface FollowedRun {
  /** As it was last written. */
  readonly written: { readonly lastEventId: number };
  readonly recent: {
    /** Written entries after `id`; null when the store has to be asked. */
    after(id: number): readonly RunLogEntry[] | null;
    /** Calls `wake` once, at the next write; gives how to take that back. */
    onceWritten(wake: () => void): () => void;
  };
}

const batchSize = 500;

/**
 * Reads a run's log in batches, oldest first, to its end: what is there, then what comes. One
 * cursor over one ordered log, so nothing is missed or told twice between the two, and nothing is
 * kept for a reader that is slow.
 */
export async function* followRun(
  id: string,
  findLive: (id: string) => FollowedRun | null,
  store: RunStore,
  { afterId, type, idleMs, signal, closed }: FollowOptions,
): AsyncGenerator<readonly RunLogEntry[]> {
  const signals = [signal, closed].filter((each) => each !== undefined);
  const isStopped = (): boolean => signals.some(({ aborted }) => aborted);
  let lastId = afterId;
  while (!isStopped()) {
    const live = findLive(id);
    const recent = live?.recent.after(lastId);
    const batch = recent ?? (await store.entries(id, lastId, batchSize));
    const last = batch.at(-1);
    if (last !== undefined) {
      lastId = last.id;
      const wanted = type === undefined ? batch : batch.filter(({ event }) => event.type === type);
      if (wanted.length > 0) yield wanted;
      if (last.event.type === 'run.ended') return;
    } else if (live === null) {
      // It may have ended between the two looks.
      const record = await store.get(id);
      if (record === null || record.lastEventId <= lastId) return;
    } else if (!(await untilWritten(live, lastId, signals, idleMs)) && !isStopped()) {
      yield [];
    }
  }
}

/** Resolves with whether something was written; false after `idleMs`, or when a signal aborts. */
export async function untilWritten(
  live: FollowedRun,
  lastId: number,
  signals: readonly AbortSignal[],
  idleMs?: number,
): Promise<boolean> {
  if (live.written.lastEventId > lastId) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const forget = live.recent.onceWritten(() => resolve(true));
  const giveUp = (): void => resolve(false);
  const timer = idleMs === undefined ? undefined : setTimeout(giveUp, idleMs);
  for (const signal of signals) signal.addEventListener('abort', giveUp, { once: true });
  if (signals.some(({ aborted }) => aborted)) giveUp();
  try {
    return await promise;
  } finally {
    forget();
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', giveUp);
  }
}
