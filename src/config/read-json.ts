interface ReviverContext {
  /** How a primitive is written; older engines do not tell. */
  readonly source?: string;
}

/** As for `JSON.parse`, with how a number is written where the engine tells. */
export type Reviver = (key: string, value: unknown, context?: ReviverContext) => unknown;

const parse: (text: string, reviver?: Reviver) => unknown = JSON.parse;

/** A text, also one without its end, or a number that Python's JSON has and JSON has not. */
const piece = /"(?:[^"\\]|\\.)*"?|-?Infinity|NaN/gsu;

/**
 * Reads JSON as `JSON.parse` does, and as Python does what that refuses: `NaN`, `Infinity` and
 * `-Infinity` are numbers. Throws `SyntaxError`.
 */
export function readJson(text: string, reviver?: Reviver): unknown {
  try {
    return parse(text, reviver);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  // An object, so that it is refused where only a text may stand; nobody can have sent its name.
  const marker = crypto.randomUUID();
  const written = text.replaceAll(piece, (found) => {
    if (found.startsWith('"')) return found;
    return found === 'NaN' ? `{"${marker}":0}` : found.replace('Infinity', '1e999');
  });
  return parse(written, (key, value, context) => {
    const isMarker = typeof value === 'object' && value !== null && Object.hasOwn(value, marker);
    const read = isMarker ? Number.NaN : value;
    return reviver === undefined ? read : reviver(key, read, context);
  });
}
