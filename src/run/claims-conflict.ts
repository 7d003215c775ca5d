import type { DatasetClaim } from '../executor/dataset-claims.ts';

/**
 * The dataset of `mine` that keeps two runs from overlapping; null when they may. Who reads only
 * disturbs no reader, and who adds a version nobody who adds another.
 */
export function findConflict(
  mine: readonly DatasetClaim[],
  others: readonly DatasetClaim[],
): string | null {
  for (const claim of mine) {
    for (const other of others) {
      const mayShare = claim.mode === other.mode && claim.mode !== 'write';
      if (!mayShare && isSamePlace(claim.place, other.place)) return claim.dataset;
    }
  }
  return null;
}

/** Whether one is the other, or lies in it. */
function isSamePlace(one: string, other: string): boolean {
  if (one.length === other.length) return one === other;
  const [longer, shorter] = one.length > other.length ? [one, other] : [other, one];
  return longer[shorter.length] === '/' && longer.startsWith(shorter);
}
