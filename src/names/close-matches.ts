import { compareCodePoints } from './compare-code-points.ts';

const minSimilarity = 0.6;
const maxMatches = 3;

/** Length of all common runs: the longest one, then those on both sides of it. */
function commonLength(left: string, right: string): number {
  let best = { size: 0, leftStart: 0, rightStart: 0 };
  let endingHere: number[] = [];
  for (let leftIndex = 0; leftIndex < left.length; leftIndex += 1) {
    const next: number[] = [];
    for (let rightIndex = 0; rightIndex < right.length; rightIndex += 1) {
      if (left[leftIndex] !== right[rightIndex]) continue;
      const size = (endingHere[rightIndex - 1] ?? 0) + 1;
      next[rightIndex] = size;
      if (size > best.size) {
        best = { size, leftStart: leftIndex - size + 1, rightStart: rightIndex - size + 1 };
      }
    }
    endingHere = next;
  }
  if (best.size === 0) return 0;
  const { size, leftStart, rightStart } = best;
  const before = commonLength(left.slice(0, leftStart), right.slice(0, rightStart));
  return before + size + commonLength(left.slice(leftStart + size), right.slice(rightStart + size));
}

function similarity(left: string, right: string): number {
  return (2 * commonLength(left, right)) / (left.length + right.length);
}

/** Up to three targets that look like one of the names, as Python's `difflib` judges it. */
export function closeMatches(
  names: Iterable<string>,
  targets: Iterable<string>,
): readonly string[] {
  const candidates = [...targets];
  const matches = [...names].flatMap((name) =>
    candidates
      .map((target) => ({ target, score: similarity(target, name) }))
      .filter(({ score }) => score >= minSimilarity)
      .toSorted((a, b) => b.score - a.score || compareCodePoints(b.target, a.target))
      .slice(0, maxMatches)
      .map(({ target }) => target),
  );
  return [...new Set(matches)].slice(0, maxMatches);
}
