/** As programs read it that decode URLs: without control characters, dots written out. */
function toRead(path: string): string {
  return path
    .replaceAll(/\p{Cc}/gu, '')
    .replaceAll(/%2e/giu, '.')
    .trim();
}

function countSteps(path: string): number {
  const segments = toRead(path).split(/[/\\]/u);
  return segments.filter((segment) => segment.trim() === '..').length;
}

function isAbsolute(path: string): boolean {
  return /^(?:[/\\~]|[a-z][a-z0-9+.-]*:)/iu.test(toRead(path));
}

/** Stands in a neutral path for what was filled; no path can have it. */
export const filledPlace = '\0';

/**
 * The folder that a path names before the first place that was filled, or all of it where nothing
 * was; undefined where it names none. `neutral` is the path with `filledPlace` there.
 */
export function writtenRoot(filled: string, neutral: string): string | undefined {
  const end = neutral.search(/[\0{]/u);
  if (end === -1) return filled;
  const root = neutral.slice(0, neutral.lastIndexOf('/', end) + 1);
  return namesPlace(root) ? root : undefined;
}

/** Whether the start of a path is more than a root, and with a host where it is a URL. */
function namesPlace(start: string): boolean {
  if (!isAbsolute(start)) return start !== '';
  return /^(?:[a-z][a-z0-9+.-]+:\/\/\/?|(?:[a-z]:)?\/+)[^/\\]+\//iu.test(start);
}

/** Whether what was filled into a path makes it climb by `..`, or holds a NUL. */
function climbs(filled: string, neutral: string): boolean {
  const harmless = neutral.replaceAll(filledPlace, '_');
  return filled.includes('\0') || countSteps(filled) > countSteps(harmless);
}

/**
 * Whether what was filled into a path makes it lead to another place than below where it led:
 * by `..`, a root or a URL. `neutral` is the path with harmless names in the places that were
 * filled.
 */
export function leadsOut(filled: string, neutral: string): boolean {
  return climbs(filled, neutral) || (isAbsolute(filled) && !isAbsolute(neutral));
}

/**
 * The same for what strangers fill in: they choose no root and no host either, unless the path is
 * below one of `roots` as it is written.
 */
export function leadsAstray(filled: string, neutral: string, roots: readonly string[]): boolean {
  if (filled === neutral) return false;
  if (climbs(filled, neutral)) return true;
  if (!isAbsolute(filled) || writtenRoot(filled, neutral) !== undefined) return false;
  return !roots.some((root) => isBelow(filled, root));
}

function isBelow(path: string, root: string): boolean {
  const folder = root.endsWith('/') ? root : `${root}/`;
  return path.startsWith(folder) || `${path}/` === folder;
}
