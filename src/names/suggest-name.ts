import { closeMatches } from './close-matches.ts';

/** ` Did you mean 'x'?` for the name that looks most like it, whatever its case, or nothing. */
export function suggestName(name: string, known: Iterable<string>): string {
  const byLowerCase = new Map(Array.from(known, (each) => [each.toLowerCase(), each]));
  const [found] = closeMatches([name.toLowerCase()], byLowerCase.keys());
  return found === undefined ? '' : ` Did you mean '${byLowerCase.get(found)}'?`;
}
