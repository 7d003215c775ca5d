import { isFinal } from '../run/run-record.ts';
import type { FollowedRun } from '../run/follow-run.ts';
import type { RunChange, SharedRunStore } from './shared-run-store.ts';

/** A run that somebody in this process wants to hear of. */
export class WatchedRun implements FollowedRun, Disposable {
  readonly #unwatch: () => void;
  readonly #waiting = new Set<() => void>();
  #change: RunChange | null = null;

  constructor(store: SharedRunStore, runId: string) {
    this.#unwatch = store.watch(runId, (change) => {
      this.#change = change;
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    });
  }

  /** How it is, as far as it is known. */
  get change(): RunChange | null {
    return this.#change;
  }

  /** Whether it is over, or not there. */
  get isOver(): boolean {
    const change = this.#change;
    return change !== null && (change.status === null || isFinal(change.status));
  }

  get written(): { readonly lastEventId: number } {
    return { lastEventId: this.#change?.lastEventId ?? 0 };
  }

  readonly recent = {
    after: (id: number) => (id >= this.written.lastEventId ? [] : null),
    onceWritten: (wake: () => void) => {
      this.#waiting.add(wake);
      return () => void this.#waiting.delete(wake);
    },
  };

  /** Resolves when `isSo` is so, or a signal aborts. */
  async until(isSo: () => boolean, signals: readonly AbortSignal[]): Promise<void> {
    while (!isSo() && !signals.some(({ aborted }) => aborted)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      const forget = this.recent.onceWritten(wake);
      for (const signal of signals) signal.addEventListener('abort', wake, { once: true });
      await promise;
      forget();
      for (const signal of signals) signal.removeEventListener('abort', wake);
    }
  }

  [Symbol.dispose](): void {
    this.#unwatch();
  }
}
