import { compareCodePoints } from '../names/compare-code-points.ts';

/** The names that are there more than once, each once, in order. */
export function repeatedNames(names: Iterable<string>): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return [...repeated].toSorted(compareCodePoints);
}
