/** Runs that an executor has accepted and that have not ended. */
export class AcceptedRuns {
  #count = 0;
  #onDrained: (() => void) | null = null;

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onDrained?.();
  }

  /** Resolves when there are none; `cancelAll` is called when the grace is over before that. */
  async drain(graceMs: number | undefined, cancelAll: () => void): Promise<void> {
    if (this.#count === 0) return;
    const drained = Promise.withResolvers<void>();
    this.#onDrained = drained.resolve;
    const timer = graceMs === undefined ? undefined : setTimeout(cancelAll, graceMs);
    await drained.promise;
    clearTimeout(timer);
  }
}
