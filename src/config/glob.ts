import { ConfigError } from './config-error.ts';

/** Whether a path below a folder, with forward slashes, is one that a pattern means. */
export type PathMatcher = (path: string) => boolean;

type SegmentMatcher = (segment: string) => boolean;

/**
 * Reads a glob pattern by fsspec's rules, which Kedro uses: `*` and `?` stay within a folder,
 * `**` as a whole segment is any number of folders (at the end: all that lies below), `[a-z]`
 * and `[!a]` are sets of characters. Throws `ConfigError` for `**` inside a segment.
 */
export function parseGlob(pattern: string): PathMatcher {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  const matchers = segments.map((segment) => parseSegment(segment, pattern));
  return (path) => matchSegments(matchers, path.split('/'));
}

function parseSegment(segment: string, pattern: string): SegmentMatcher | '**' {
  if (segment === '**') return '**';
  if (segment.includes('**')) {
    const message = `The pattern "${pattern}" is no glob: "**" must stand alone between slashes.`;
    throw new ConfigError('config-setting-invalid', message);
  }
  const tokens = parseTokens(segment);
  return (text) => matchTokens(tokens, text);
}

/** `reached` holds, for each place in the pattern, whether the folders so far lead there. */
function matchSegments(
  matchers: readonly (SegmentMatcher | '**')[],
  folders: readonly string[],
): boolean {
  let reached = matchers.map((_, index) => index === 0);
  reached.push(matchers.length === 0);
  skipFolders(matchers, reached);
  for (const folder of folders) {
    const next = reached.map(() => false);
    for (const [index, matcher] of matchers.entries()) {
      if (!reached[index]) continue;
      if (matcher !== '**' && !matcher(folder)) continue;
      if (matcher === '**') next[index] = true;
      if (matcher !== '**' || index === matchers.length - 1) next[index + 1] = true;
    }
    skipFolders(matchers, next);
    reached = next;
  }
  return reached.at(-1) === true;
}

/** `**` also stands for no folder at all, except at the end of the pattern. */
function skipFolders(matchers: readonly (SegmentMatcher | '**')[], reached: boolean[]): void {
  for (const [index, matcher] of matchers.entries()) {
    const last = index === matchers.length - 1;
    if (matcher === '**' && !last && reached[index]) reached[index + 1] = true;
  }
}

type CharToken = '*' | ((character: string) => boolean);

function parseTokens(segment: string): readonly CharToken[] {
  const characters = Array.from(segment);
  const tokens: CharToken[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    const end = character === '[' ? endOfSet(characters, i) : -1;
    if (character === '*') tokens.push('*');
    else if (character === '?') tokens.push(() => true);
    else if (end > 0) {
      tokens.push(parseSet(characters.slice(i + 1, end)));
      i = end;
    } else tokens.push((other) => other === character);
  }
  return tokens;
}

function endOfSet(characters: readonly string[], start: number): number {
  let from = start + 1;
  if (characters[from] === '!') from++;
  if (characters[from] === ']') from++;
  return characters.indexOf(']', from);
}

function parseSet(characters: readonly string[]): (character: string) => boolean {
  const negated = characters[0] === '!';
  const set = negated ? characters.slice(1) : characters;
  const ranges: (readonly [string, string])[] = [];
  for (let i = 0; i < set.length; i++) {
    const first = set[i] ?? '';
    const last = set[i + 1] === '-' ? set[i + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) i += 2;
  }
  return (character) =>
    ranges.some(([first, last]) => first <= character && character <= last) !== negated;
}

/** Goes back to the last `*` only: never worse than text times pattern. */
function matchTokens(tokens: readonly CharToken[], text: string): boolean {
  const characters = Array.from(text);
  let place = 0;
  let token = 0;
  let starToken = -1;
  let starPlace = 0;
  while (place < characters.length) {
    const current = tokens[token];
    if (current === '*') {
      starToken = token++;
      starPlace = place;
    } else if (current?.(characters[place] ?? '') === true) {
      token++;
      place++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      place = ++starPlace;
    } else {
      return false;
    }
  }
  while (tokens[token] === '*') token++;
  return token === tokens.length;
}
