/**
 * Gives run ids: the time in UTC as `YYYY-MM-DDThh.mm.ss.mmmZ`, as Kedro writes versions. Each id
 * is greater than the one before it; when the clock has not moved on, or has gone back, it is a
 * millisecond ahead of that one. `now` gives milliseconds since 1970.
 */
export function createRunIds(now: () => number = Date.now): () => string {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    last = Math.max(now(), last + 1);
    return new Date(last).toISOString().replaceAll(':', '.');
  };
}
