import { backoffMs, sleep } from './backoff.ts';
import { ProblemError, readProblem } from './problem-error.ts';
import { ServerUnreachable } from './server-unreachable.ts';

export interface SenderOptions {
  readonly url: string;
  readonly fetch: (input: string, init: RequestInit) => Promise<Response>;
  readonly headers: () => HeadersInit | Promise<HeadersInit>;
  readonly token: string | undefined;
}

/** A request that may be sent again: twice is the same as once. */
export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /**
   * Aborting it ends the attempts, but not the one in hand; where none had an answer, one more is
   * made, so that it is known what has become of the request.
   */
  readonly patience?: AbortSignal | undefined;
  /** How long it is tried. */
  readonly retryForMs: number;
  /** An attempt whose whole answer takes longer counts as lost; default: without limit. */
  readonly answerWithinMs?: number | undefined;
}

/** An answer that tells what was asked for, or that it has not changed (304). */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends requests to one server. */
export interface Sender {
  /** The server's address, without a slash at the end. */
  readonly base: string;
  /** Sends it once, with the headers that every request has. Throws what `fetch` throws. */
  sendOnce(url: string, init: RequestInit): Promise<Response>;
  /**
   * Resolves with the answer. Sends it again where no answer comes, and, when the server
   * says, on 429, 503 and 409 `key-pending`. Throws `ProblemError`, `ServerUnreachable` and the
   * signal's reason.
   */
  send(path: string, call: Call): Promise<Answer>;
}

/** Of the server and of proxies before it: none of them says that the request was served. */
const passingStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function isPassing({ status, code }: ProblemError): boolean {
  return passingStatuses.has(status) || code === 'key-pending';
}

/** Throws `TypeError` for an address that is none. */
export function createSender({ url, fetch, headers: givenHeaders, token }: SenderOptions): Sender {
  const base = new URL(url).href.replace(/(?<!\/)\/+$/, '');

  async function sendOnce(target: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(await givenHeaders());
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return fetch(target, { ...init, headers });
  }

  async function attempt(path: string, call: Call): Promise<Answer> {
    const { method = 'GET', body = null } = call;
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    if (body !== null) headers['content-type'] = 'application/json';
    return within(call, async (signal) => {
      const response = await sendOnce(`${base}${path}`, { method, headers, body, signal });
      const { status } = response;
      if (!response.ok && status !== 304) throw await readProblem(response);
      return { status, headers: response.headers, text: await response.text() };
    });
  }

  return {
    base,
    sendOnce,
    send: async (path, call) => {
      const { signal, patience, retryForMs } = call;
      const endAt = performance.now() + retryForMs;
      let isLast = false;
      for (let attempts = 0; ; attempts += 1) {
        try {
          return await attempt(path, call);
        } catch (error) {
          signal?.throwIfAborted();
          if (isLast) patience?.throwIfAborted();
          const isProblem = error instanceof ProblemError;
          if (isProblem && !isPassing(error)) throw error;
          const waitMs = (isProblem ? error.retryAfterMs : null) ?? backoffMs(attempts);
          if (performance.now() + waitMs > endAt) {
            throw isProblem ? error : new ServerUnreachable(base, error);
          }
          try {
            await sleep(waitMs, signal ?? patience);
          } catch (reason) {
            // Nothing is known of a request only where no answer came.
            if (patience?.aborted !== true || isProblem) throw reason;
            isLast = true;
          }
        }
      }
    },
  };
}

/** Gives an attempt a signal of its own, which ends it when the call does, or its time. */
async function within<T>(
  { signal, answerWithinMs }: Call,
  attempt: (signal: AbortSignal | null) => Promise<T>,
): Promise<T> {
  if (answerWithinMs === undefined) return attempt(signal ?? null);
  const abort = new AbortController();
  const end = (): void => abort.abort(signal?.reason);
  const late = new TypeError(`no answer came within ${answerWithinMs} ms`);
  const timer = setTimeout(() => abort.abort(late), answerWithinMs);
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    return await attempt(abort.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
