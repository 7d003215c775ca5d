/** How long what is going on may take to stop once a run is aborted. */
export const defaultCancelGraceMs = 5000;

/**
 * Waits for work, but no longer than the grace once the signal is aborted: then it throws what
 * `leave` says, and what still goes on is nobody's.
 */
export async function orLeaveBehind<T>(
  work: Promise<T>,
  signal: AbortSignal,
  graceMs: number,
  leave: () => Error,
): Promise<T> {
  const left = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    timer = setTimeout(() => left.reject(leave()), graceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
