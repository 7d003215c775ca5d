interface ReviverContext {
  /** How a primitive is written; older engines do not tell. */
  readonly source?: string;
}

type JsonReader = (
  text: string,
  reviver?: (key: string, value: unknown, context?: ReviverContext) => unknown,
) => unknown;

const readJson: JsonReader = JSON.parse;

/**
 * Reads data from JSON: as `JSON.parse`, but whole numbers beyond what a number holds exactly are
 * bigints. Throws `SyntaxError`.
 */
export function parseDataJson(text: string): unknown {
  // Only a whole number of sixteen digits and more can be inexact.
  if (!/\d{16}/u.test(text)) return readJson(text);
  return readJson(text, (_, value, context) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    return source !== undefined && /^-?\d+$/u.test(source) ? BigInt(source) : value;
  });
}
