import type { RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';

/** What a thread is to run. */
export interface ThreadTask {
  readonly projectPath: string;
  readonly env?: string | undefined;
  readonly confSource?: string | undefined;
  /** How long nodes have to stop when the run is cancelled. */
  readonly cancelGraceMs: number;
  readonly order: RunOrder;
}

/**
 * What the thread tells; `calling` comes before all that a node's function does, where its events
 * may come after. Any message to it asks for the run to be cancelled.
 */
export type ThreadMessage =
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'calling'; readonly node: string }
  | {
      readonly kind: 'broken';
      readonly type: string;
      readonly message: string;
      readonly traceback: string;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** The task that `runInThread` has given to this thread. */
export function readThreadTask(data: unknown): ThreadTask {
  if (isThreadTask(data)) return data;
  throw new TypeError('This program runs in a thread of kedro-server run only.');
}

function isThreadTask(data: unknown): data is ThreadTask {
  return typeof data === 'object' && data !== null && 'projectPath' in data && 'order' in data;
}
