const ESCAPABLE: ReadonlySet<string> = new Set('.[]=');

/**
 * Cuts a key path as OmegaConf's `select` and dot lists do: `a.b`, `a[b]`, `[a].b`; a backslash
 * before `.`, `[`, `]` or `=` makes it part of the key.
 */
export function splitKey(path: string): string[] {
  return path.includes('\\') ? splitEscapedKey(path) : splitPlainKey(path);
}

function splitPlainKey(path: string): string[] {
  const dots = path.length - path.replace(/^\.+/, '').length;
  let position = endOfSegment(path, dots);
  const keys = path.slice(0, position).split('.');
  if (path[position] === '[' && keys.at(-1) === '') keys.pop();
  const lastClose = path.lastIndexOf(']');
  while (position < path.length) {
    const start = position + 1;
    if (path[position] === '.') {
      position = endOfSegment(path, start);
      keys.push(path.slice(start, position));
    } else if (path[position] === '[' && lastClose >= start) {
      position = path.indexOf(']', start) + 1;
      keys.push(path.slice(start, position - 1));
    } else {
      position = start;
    }
  }
  return keys;
}

function endOfSegment(path: string, start: number): number {
  let end = start;
  while (end < path.length && path[end] !== '.' && path[end] !== '[') end++;
  return end;
}

function splitEscapedKey(path: string): string[] {
  const keys: string[] = [];
  let position = 0;
  const readUntil = (stops: string): string => {
    let segment = '';
    while (position < path.length) {
      const character = path[position] ?? '';
      if (stops.includes(character)) break;
      const next = path[position + 1];
      const escaped = character === '\\' && next !== undefined && ESCAPABLE.has(next);
      segment += escaped ? next : character;
      position += escaped ? 2 : 1;
    }
    return segment;
  };
  if (path[0] !== '[') keys.push(readUntil('.['));
  while (position < path.length) {
    const dotted = path[position] === '.';
    position++;
    const key = readUntil(dotted ? '.[' : ']');
    if (!dotted && position >= path.length) break;
    if (!dotted) position++;
    keys.push(key);
  }
  return keys;
}

/** The place of the first `=` that no backslash makes part of the key, or -1. */
export function findEquals(entry: string): number {
  for (let i = 0; i < entry.length; i++) {
    if (entry[i] === '=') return i;
    if (entry[i] === '\\' && ESCAPABLE.has(entry[i + 1] ?? '')) i++;
  }
  return -1;
}

/** What Python's `int()` reads from a text, as far as keys and list indices need it. */
export function parsePythonInt(text: string): bigint | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 4300 || !/^[+-]?[0-9]+(?:_[0-9]+)*$/.test(trimmed)) return undefined;
  return BigInt(trimmed.replaceAll('_', '').replace('+', ''));
}
