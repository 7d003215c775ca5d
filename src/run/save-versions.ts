/** Gives the versions under which runs save; each is greater than the one before it. */
export interface SaveVersions {
  next(): string;
  /** What comes next is greater than this version, which an earlier process gave. */
  startAfter(version: string): void;
}

/**
 * Creates versions: the time in UTC as `YYYY-MM-DDThh.mm.ss.mmmZ`, as Kedro writes them. When the
 * clock has not moved on, or has gone back, a version is a millisecond ahead of the one before it.
 * `now` gives milliseconds since 1970.
 */
export function createSaveVersions(now: () => number = Date.now): SaveVersions {
  let last = Number.NEGATIVE_INFINITY;
  return {
    next: () => {
      last = Math.max(now(), last + 1);
      return new Date(last).toISOString().replaceAll(':', '.');
    },
    startAfter: (version) => {
      last = Math.max(last, timeOfVersion(version));
    },
  };
}

/** Milliseconds since 1970. */
export function timeOfVersion(version: string): number {
  return Date.parse(version.replace(/T(\d\d)\.(\d\d)\./u, 'T$1:$2:'));
}
