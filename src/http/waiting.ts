import { parameterInvalid } from './problem-error.ts';

/** The longest that an answer is held back, in seconds. */
export const longestWaitS = 300;

/** The seconds of `Prefer: wait=N` (RFC 7240), at most the longest; null when it has none. */
export function readPreferredWait(headers: Headers): number | null {
  const preferences = (headers.get('prefer') ?? '').split(/[,;]/u);
  for (const preference of preferences) {
    const [name = '', value = ''] = preference.split('=').map((part) => part.trim());
    if (name.toLowerCase() !== 'wait') continue;
    const seconds = value.replace(/^"(.*)"$/u, '$1');
    // RFC 7240: what cannot be met is ignored.
    if (/^\d{1,9}$/.test(seconds)) return Math.min(Number(seconds), longestWaitS);
  }
  return null;
}

/** The seconds of `?wait=N`; 0 without. Throws `ProblemError` (`request-invalid`). */
export function readWait(query: URLSearchParams): number {
  const text = query.get('wait');
  if (text === null) return 0;
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), longestWaitS);
  throw parameterInvalid('wait', "'wait' has to be a whole number of seconds, such as 30.");
}

/** Calls `wait` with a signal that is aborted after so many seconds, or when the caller goes. */
export async function waitAtMost<Result>(
  seconds: number,
  caller: AbortSignal,
  wait: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  const timer = setTimeout(giveUp, seconds * 1000);
  caller.addEventListener('abort', giveUp, { once: true });
  if (caller.aborted) giveUp();
  try {
    return await wait(abort.signal);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener('abort', giveUp);
  }
}
