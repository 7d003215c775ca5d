import type { ParityCase } from './parity-case.ts';

const shownBefore = 80;
const shownAfter = 300;
const shownLines = 8;

/** Says which requests showed a difference, and the first lines that differ, around the place. */
export function toDifference({ name, steps }: ParityCase, theirs: string, ours: string): string {
  const requests = steps.map((step) => JSON.stringify(step).slice(0, 2 * shownAfter));
  const [one, other] = [theirs.split('\n'), ours.split('\n')];
  const lines = Array.from({ length: Math.max(one.length, other.length) }, (_, index) => {
    const [their = '(nothing)', our = '(nothing)'] = [one[index], other[index]];
    if (their === our) return [];
    const start = Math.max(0, firstDifference(their, our) - shownBefore);
    const cut = (line: string): string => line.slice(start, start + shownAfter);
    return [`line ${index + 1}\n  theirs: ${cut(their)}\n  ours:   ${cut(our)}`];
  }).flat();
  return [`${name}: the answers differ.`, ...requests, ...lines.slice(0, shownLines)].join('\n');
}

function firstDifference(one: string, other: string): number {
  let index = 0;
  while (index < one.length && one[index] === other[index]) index += 1;
  return index;
}
