import { checkCallbackUrl } from './callback-guard.ts';
import { isFinal, type RunRecord } from './run-record.ts';
import type { OwedCallback, RunStore } from './run-store.ts';
import { signWebhook } from './sign-webhook.ts';

export interface CallbackRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Posts a body, follows no redirect and reads no answer: resolves with its HTTP status. */
export type PostCallback = (request: CallbackRequest) => Promise<number>;

/** An attempt that has failed. */
export interface CallbackFailure {
  readonly runId: string;
  /** The attempts so far. */
  readonly attempts: number;
  readonly reason: string;
  /** When it is tried again, in milliseconds since 1970; null: never. */
  readonly dueAtMs: number | null;
}

export interface CallbacksOptions {
  readonly store: RunStore;
  /** What is told of a run: plain data, with nothing secret in it. */
  readonly toData: (record: RunRecord) => unknown;
  /**
   * Whether callbacks may go to this machine and its networks; default: no. What a name leads to is
   * known to `post` alone: the default one looks at the URL, `kedro-server/node` at the address too.
   */
  readonly allowPrivate?: boolean | undefined;
  /** Default: `fetch`. */
  readonly post?: PostCallback | undefined;
  /** Waits after each failed attempt, each longer or shorter by up to a fifth; default: eight, over 28 hours. */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** How long an attempt may take; default: 15 s. */
  readonly timeoutMs?: number | undefined;
  /** Attempts at once; default: 16. */
  readonly maxAtOnce?: number | undefined;
  readonly onFailure?: ((failure: CallbackFailure) => void) | undefined;
  /** Told when the store cannot note how far a callback is: it may be sent once more. */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
}

/**
 * Tells whom a run's submission names of its end, by the rules of https://www.standardwebhooks.com:
 * `{type: 'run.<status>', timestamp, data}`, signed when there is a secret. It is sent until an
 * answer of 2xx comes, once unless the server dies before it has noted that; `webhook-id` is
 * `run_<id>` in every attempt. Nothing is sent after 410.
 */
export interface Callbacks {
  /** Takes up what an earlier process owed. */
  open(): Promise<void>;
  /** Takes up a run whose final state is written, with `owedCallback` of it in the same batch. */
  add(record: RunRecord): void;
  /** Ends attempts and waits; what is owed then is for the next process where the store is durable. */
  close(): Promise<void>;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const defaultDelaysMs = [
  5 * secondMs,
  30 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  10 * hourMs,
];
const storeDelayMs = minuteMs;
const maxTimerMs = 2 ** 31 - 1;
const jitter = 0.2;

/** What a store has to remember with a run's final state; null when the run names no callback. */
export function owedCallback({
  id,
  status,
  submission,
  ...record
}: RunRecord): OwedCallback | null {
  if (!isFinal(status) || submission.callback === null) return null;
  return { runId: id, attempts: 0, dueAtMs: record.endedAtMs ?? record.createdAtMs };
}

export function createCallbacks(options: CallbacksOptions): Callbacks {
  const { store, toData, allowPrivate = false, post = postByFetch } = options;
  const { retryDelaysMs = defaultDelaysMs, timeoutMs = 15 * secondMs, maxAtOnce = 16 } = options;
  const { onFailure = () => undefined, onStoreError = () => undefined } = options;
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Runs whose callbacks wait, are ready, or are being sent. */
  const pending = new Set<string>();
  const ready: OwedCallback[] = [];
  const attempts = new Set<Promise<void>>();
  const closed = new AbortController();

  function schedule(owed: OwedCallback): void {
    if (closed.signal.aborted || owed.dueAtMs === null) return;
    pending.add(owed.runId);
    const waitMs = Math.max(0, owed.dueAtMs - Date.now());
    const whenDue = (): void => {
      timers.delete(owed.runId);
      if (waitMs > maxTimerMs) return schedule(owed);
      ready.push(owed);
      startReady();
    };
    timers.set(owed.runId, setTimeout(whenDue, Math.min(waitMs, maxTimerMs)));
  }

  /** No wait is longer than it was to be, also when the clock has been set back since. */
  function waitAtMost(owed: OwedCallback): OwedCallback {
    const longestMs = (retryDelaysMs[owed.attempts - 1] ?? 0) * (1 + jitter);
    const dueAtMs = owed.dueAtMs === null ? null : Math.min(owed.dueAtMs, Date.now() + longestMs);
    return { ...owed, dueAtMs };
  }

  function startReady(): void {
    while (attempts.size < maxAtOnce && !closed.signal.aborted) {
      const owed = ready.shift();
      if (owed === undefined) return;
      const attempt = deliver(owed).finally(() => {
        attempts.delete(attempt);
        startReady();
      });
      attempts.add(attempt);
    }
  }

  async function deliver(owed: OwedCallback): Promise<void> {
    pending.delete(owed.runId);
    try {
      const record = await store.get(owed.runId);
      if (record === null) return;
      const { isOver, reason } = await send(record);
      if (closed.signal.aborted && reason !== null) return;
      const next = toNext(owed, isOver);
      if (reason !== null) onFailure({ ...next, reason });
      schedule(next);
      await note(next);
    } catch (error) {
      if (closed.signal.aborted) return;
      onStoreError(error);
      schedule({ ...owed, dueAtMs: Date.now() + storeDelayMs });
    }
  }

  async function note(owed: OwedCallback): Promise<void> {
    const batch = { runs: [], keys: [], entries: [], outputs: [], callbacks: [owed] };
    await store.write(batch).catch(onStoreError);
  }

  function toNext({ runId, attempts: failed }: OwedCallback, isOver: boolean): OwedCallback {
    const delayMs = isOver ? undefined : retryDelaysMs[failed];
    const factor = 1 - jitter + 2 * jitter * Math.random();
    const dueAtMs = delayMs === undefined ? null : Date.now() + delayMs * factor;
    return { runId, attempts: failed + 1, dueAtMs };
  }

  /** Sends it once; `reason` is null when it has arrived. */
  async function send(record: RunRecord): Promise<{ isOver: boolean; reason: string | null }> {
    const { id, status, submission, endedAtMs, createdAtMs } = record;
    if (submission.callback === null) return { isOver: true, reason: null };
    const { url, secret } = submission.callback;
    const wrong = checkCallbackUrl(url, allowPrivate);
    if (wrong !== null) return { isOver: true, reason: wrong };
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const timestamp = new Date(endedAtMs ?? createdAtMs).toISOString();
      const body = JSON.stringify({ type: `run.${status}`, timestamp, data: toData(record) });
      const timestampS = Math.floor(Date.now() / secondMs);
      const signed = await signWebhook({ id: `run_${id}`, timestampS, body }, secret);
      const headers = { 'content-type': 'application/json', ...signed };
      const answer = await post({ url, headers, body, signal });
      if (answer >= 200 && answer < 300) return { isOver: true, reason: null };
      return { isOver: answer === 410, reason: `It answered with status ${answer}.` };
    } catch (error) {
      return { isOver: false, reason: toReason(error) };
    }
  }

  return {
    open: async () => {
      for (const owed of await store.owedCallbacks()) {
        if (!pending.has(owed.runId)) schedule(waitAtMost(owed));
      }
    },
    add: (record) => {
      const owed = owedCallback(record);
      if (owed !== null) schedule(waitAtMost(owed));
    },
    close: async () => {
      closed.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(attempts);
    },
  };
}

async function postByFetch({ url, ...request }: CallbackRequest): Promise<number> {
  const response = await fetch(url, { ...request, method: 'POST', redirect: 'manual' });
  await response.body?.cancel();
  return response.status;
}

function toReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
