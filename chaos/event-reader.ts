import { setTimeout as delay } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';

export interface ReadEvent {
  readonly id: number;
  readonly data: string;
}

export interface EventReading {
  /** All that came, in the order in which it did. */
  readonly seen: readonly ReadEvent[];
  readonly connections: number;
  /** Whether the server has said that there is no more. */
  readonly isOver: boolean;
  /** Resolves once it is over, or was stopped. */
  readonly ended: Promise<void>;
}

/**
 * Follows a run as a browser's EventSource does: when the connection is lost, for whatever reason,
 * it comes again with the id of the last event. It keeps what comes as it comes: what is missing or
 * told twice is seen.
 */
export function readEvents(url: string, stop: AbortSignal): EventReading {
  const seen: ReadEvent[] = [];
  let connections = 0;
  let isOver = false;

  async function connect(): Promise<void> {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    const last = seen.at(-1);
    if (last !== undefined) headers['last-event-id'] = String(last.id);
    const response = await fetch(url, { headers, signal: stop });
    if (response.status !== 200 || response.body === null) return;
    connections += 1;
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        if (event === 'end') isOver = true;
        else seen.push({ id: Number(id), data });
      },
    });
    const decoder = new TextDecoder();
    for await (const bytes of response.body) {
      parser.feed(decoder.decode(bytes, { stream: true }));
    }
  }

  async function follow(): Promise<void> {
    while (!isOver && !stop.aborted) {
      // It is lost with the server or the network, and comes again.
      await connect().catch(() => undefined);
      if (!isOver) await delay(50, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  const ended = follow();
  return {
    seen,
    ended,
    get connections() {
      return connections;
    },
    get isOver() {
      return isOver;
    },
  };
}
