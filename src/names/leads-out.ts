function countSteps(path: string): number {
  return path.split(/[/\\]/u).filter((segment) => segment === '..').length;
}

function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[a-z][a-z0-9+.-]*:)/iu.test(path);
}

/**
 * The absolute folder that a path names before the first place that was filled; undefined where
 * the path is relative there.
 */
export function writtenRoot(filled: string, neutral: string): string | undefined {
  let end = 0;
  while (end < neutral.length && neutral[end] === filled[end] && neutral[end] !== '{') end += 1;
  const written = neutral.slice(0, end);
  const root = written === filled ? written : written.slice(0, written.lastIndexOf('/') + 1);
  return root !== '' && isAbsolute(root) ? root : undefined;
}

/**
 * Whether what was filled into a path makes it lead to another place than below where it led:
 * by `..`, a root or a URL. `neutral` is the path with harmless names in the places that were
 * filled.
 */
export function leadsOut(filled: string, neutral: string): boolean {
  return countSteps(filled) > countSteps(neutral) || (isAbsolute(filled) && !isAbsolute(neutral));
}
