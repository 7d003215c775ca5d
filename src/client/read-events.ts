import { createParser } from 'eventsource-parser';

export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Reads a body of server-sent events in batches, as they come. `watch` is given each wait for
 * more. What is not whole when the body ends is dropped.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  watch: <T>(wait: Promise<T>) => Promise<T>,
): AsyncGenerator<readonly ServerSentEvent[], void, void> {
  let events: ServerSentEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => void events.push({ type: event, data }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await watch(reader.read());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      const batch = events;
      events = [];
      yield batch;
    }
  } finally {
    // A reader that leaves lets the connection go.
    await reader.cancel().catch(() => undefined);
  }
}
