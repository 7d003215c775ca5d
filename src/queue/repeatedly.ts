export interface Repetition {
  /** Resolves when what is being done is done; nothing follows. */
  stop(): Promise<void>;
  /** Has it done at once, or once more after what is being done. */
  soon(): void;
}

/** Does something again and again, `everyMs` after it was done; the first time after as long. */
export function repeatedly(
  everyMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Repetition {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: Promise<void> | null = null;
  let isStopped = false;
  let isWantedSoon = false;

  async function step(): Promise<void> {
    try {
      await work();
    } catch (error) {
      onError(error);
    }
    current = null;
    if (isStopped) return;
    schedule(isWantedSoon ? 0 : everyMs);
    isWantedSoon = false;
  }

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      current = step();
    }, delayMs);
  }

  schedule(everyMs);
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await current;
    },
    soon: () => {
      if (isStopped) return;
      if (current === null) schedule(0);
      else isWantedSoon = true;
    },
  };
}
