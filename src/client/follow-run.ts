import type { RunEvent } from '../contract/run-event-resource.ts';
import { backoffMs, sleep } from './backoff.ts';
import { ProblemError, readProblem } from './problem-error.ts';
import { readEvents } from './read-events.ts';
import { isPassing, type Sender } from './sender.ts';
import { ServerUnreachable } from './server-unreachable.ts';
import { parseTrustedJson } from './trusted-json.ts';

export interface FollowOptions {
  /** Events up to this id are not wanted. */
  readonly after?: number | undefined;
  /** Aborting it ends the reading, with its reason; the run goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the connection is lost, before it is made again. */
  readonly onReconnect?: ((cause: unknown) => void) | undefined;
}

export interface FollowLimits {
  /** Silence after which a connection counts as dead. */
  readonly silenceMs: number;
  /** How long a lost connection is tried to be made again. */
  readonly reconnectForMs: number;
}

/**
 * Reads one connection's events; true when the run is over, and not just the connection. Throws
 * what `fetch` throws, also after `silenceMs` without a sign of life.
 */
async function* readConnection<Event>(
  sender: Sender,
  path: string,
  lastId: number,
  silenceMs: number,
  signal: AbortSignal | undefined,
  toEvent: (data: string) => Event,
): AsyncGenerator<readonly Event[] | 'over', void, void> {
  const connection = new AbortController();
  const end = (): void => connection.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  // A consumer that takes its time is no silence: only waits for the server are timed.
  const watch = async <T>(wait: Promise<T>): Promise<T> => {
    const dead = new TypeError(`nothing was heard for ${silenceMs} ms`);
    const timer = setTimeout(() => connection.abort(dead), silenceMs);
    try {
      return await wait;
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    const response = await watch(
      sender.sendOnce(`${sender.base}${path}`, {
        headers: { accept: 'text/event-stream', 'last-event-id': String(lastId) },
        signal: connection.signal,
      }),
    );
    if (!response.ok) throw await readProblem(response);
    if (response.body === null) return;
    for await (const batch of readEvents(response.body, watch)) {
      yield batch.flatMap(({ type, data }) => (type === 'end' ? [] : [toEvent(data)]));
      if (batch.some(({ type }) => type === 'end')) yield 'over';
    }
  } finally {
    signal?.removeEventListener('abort', end);
    connection.abort();
  }
}

/**
 * Reads a stream of a run's events to its end, over as many connections as it takes: each goes on
 * after the last event that came, so that none is missed or told twice. Throws `ProblemError`,
 * `ServerUnreachable` and the signal's reason.
 */
export async function* followRun<Event extends RunEvent>(
  sender: Sender,
  path: string,
  { silenceMs, reconnectForMs }: FollowLimits,
  { after = 0, signal, onReconnect }: FollowOptions,
): AsyncGenerator<Event, void, void> {
  let lastId = after;
  let attempts = 0;
  let lostAt = 0;
  for (;;) {
    signal?.throwIfAborted();
    let cause: unknown = new TypeError('the connection was closed');
    try {
      const connection = readConnection(sender, path, lastId, silenceMs, signal, (data) =>
        parseTrustedJson<Event>(data),
      );
      for await (const batch of connection) {
        if (batch === 'over') return;
        attempts = 0;
        for (const event of batch) {
          if (event.id <= lastId) continue;
          lastId = event.id;
          yield event;
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ProblemError && !isPassing(error)) throw error;
      cause = error;
    }
    const retryAfterMs = cause instanceof ProblemError ? cause.retryAfterMs : null;
    const waitMs = retryAfterMs ?? backoffMs(attempts);
    if (attempts === 0) lostAt = performance.now();
    attempts += 1;
    if (performance.now() + waitMs - lostAt > reconnectForMs) {
      throw cause instanceof ProblemError ? cause : new ServerUnreachable(sender.base, cause);
    }
    onReconnect?.(cause);
    await sleep(waitMs, signal);
  }
}
