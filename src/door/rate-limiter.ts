/** Lets each caller do so much a minute. */
export interface RateLimiter {
  /** Counts one; gives the whole seconds to wait when it is one too many, and else 0. */
  take(caller: string, perMinute: number): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Beyond so many, those are forgotten that have waited long enough to be full again. */
const maxBuckets = 10_000;
const minuteMs = 60_000;

/** A minute's worth may come at once; then it is as many as the rate gives. `now` is in milliseconds. */
export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, Bucket>();

  /** The map is in the order in which they were used last. */
  function forget(atMs: number): void {
    for (const [caller, bucket] of buckets) {
      if (buckets.size <= maxBuckets || atMs - bucket.atMs < minuteMs) return;
      buckets.delete(caller);
    }
  }

  return {
    take: (caller, perMinute) => {
      const atMs = now();
      forget(atMs);
      const bucket = buckets.get(caller) ?? { tokens: perMinute, atMs };
      const gained = ((atMs - bucket.atMs) * perMinute) / minuteMs;
      bucket.tokens = Math.min(perMinute, bucket.tokens + gained);
      bucket.atMs = atMs;
      buckets.delete(caller);
      buckets.set(caller, bucket);
      if (bucket.tokens < 1) {
        return Math.ceil(((1 - bucket.tokens) * minuteMs) / perMinute / 1000);
      }
      bucket.tokens -= 1;
      return 0;
    },
  };
}
