/** An async iterable that is fed from outside: what is pushed is read once, in order. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
  /** No more will come; the reader ends when it has read what is there. */
  end(): void;
}

/** Creates a queue for one reader. */
export function createEventQueue<T>(): EventQueue<T> {
  let items: T[] = [];
  let ended = false;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  return {
    push(item) {
      if (ended) return;
      items.push(item);
      notify();
    },
    end() {
      ended = true;
      notify();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const batch = items;
        items = [];
        yield* batch;
        if (items.length > 0) continue;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
