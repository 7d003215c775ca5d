import { KedroServerError } from '../errors.ts';
import type { StopWish } from '../run/live-run.ts';
import type { RunBatch } from '../run/run-store.ts';
import type { RunFence, SharedRunStore } from './shared-run-store.ts';

export interface ClaimedRunOptions {
  readonly store: SharedRunStore;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** Told of each wish that the run stops; the same one may come again. */
  readonly onWish: (wish: StopWish) => void;
  /** Told once when the claim is lost: nothing more can be written. */
  readonly onLost: () => void;
  /** Told when the store does not answer; it is tried again. */
  readonly onError: (error: unknown) => void;
  /**
   * Whether the claim counts as lost when its lease could not be renewed in time, though nobody may
   * have claimed the run: where it would be begun again elsewhere.
   */
  readonly endsWithLease: boolean;
  /** Aborted when what the store does not take is to be given up. */
  readonly givenUp: AbortSignal;
}

const retryAfterMs = 250;

/** A run that this worker has claimed, for as long as the claim holds. */
export class ClaimedRun implements Disposable {
  readonly fence: RunFence;
  readonly #options: ClaimedRunOptions;
  #unwatch: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewedAt = performance.now();
  #isLost = false;
  #isOver = false;

  constructor(fence: RunFence, options: ClaimedRunOptions) {
    this.fence = fence;
    this.#options = options;
  }

  /** Renews the claim from now on, and hears wishes. */
  hold(): void {
    const { store, onWish } = this.#options;
    this.#unwatch = store.watch(this.fence.runId, ({ stopWish }) => {
      if (stopWish !== null && !this.#isOver) onWish(stopWish);
    });
    this.#renewLater();
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Writes what belongs to the run, however long the store is away; does nothing once the claim is
   * lost. Rejects when it is given up, and with what trying again does not mend.
   */
  async write(batch: RunBatch): Promise<void> {
    const { store, onError, givenUp } = this.#options;
    while (!this.#isLost) {
      try {
        await store.write(batch, [this.fence]);
        return;
      } catch (error) {
        if (isTaken(error)) return this.#lose();
        if (!isUnusable(error) || givenUp.aborted) throw error;
        onError(error);
        await waitAtMost(retryAfterMs, givenUp);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#unwatch();
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this[Symbol.dispose]();
    this.#options.onLost();
  }

  #renewLater(): void {
    if (!this.#isOver)
      this.#timer = setTimeout(() => void this.#renew(), this.#options.renewEveryMs);
  }

  async #renew(): Promise<void> {
    const { store, leaseMs, onWish, onError, endsWithLease } = this.#options;
    try {
      const askedAt = performance.now();
      const wish = await store.renew(this.fence, leaseMs);
      this.#renewedAt = askedAt;
      if (wish !== null && !this.#isOver) onWish(wish);
    } catch (error) {
      if (this.#isOver) return;
      if (isTaken(error)) return this.#lose();
      onError(error);
      if (endsWithLease && performance.now() - this.#renewedAt > leaseMs) return this.#lose();
    }
    this.#renewLater();
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof KedroServerError && error.code === 'run-taken';
}

export function isUnusable(error: unknown): boolean {
  return error instanceof KedroServerError && error.code === 'store-unusable';
}

/** Resolves after `delayMs`, or when the signal aborts. */
export async function waitAtMost(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', wake);
}
