/** An async iterable that is fed from outside: what is pushed is read once, in order. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
  /** No more will come; the reader ends when it has read what is there. */
  end(): void;
}

/** Creates a queue for one reader. */
export function createEventQueue<T>(): EventQueue<T> {
  let items: T[] = [];
  let unread = items.values();
  let ended = false;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  // By hand: what a generator yields takes several turns of the event loop's microtasks for each.
  const reader: AsyncIterator<T, undefined> = {
    async next() {
      for (;;) {
        const step = unread.next();
        if (step.done !== true) return step;
        if (ended) return { done: true, value: undefined };
        items = [];
        unread = items.values();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
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
    [Symbol.asyncIterator]: () => reader,
  };
}
