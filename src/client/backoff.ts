const firstMs = 100;
const longestMs = 10_000;

/** A wait before the next attempt: random, so that many clients do not come back at once. */
export function backoffMs(attempt: number): number {
  const most = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16));
  return most / 2 + (Math.random() * most) / 2;
}

/** Rejects with the signal's reason when it is aborted first. */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = (): void => reject(toError(signal?.reason));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
