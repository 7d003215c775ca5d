import { readJson } from './read-json.ts';

/**
 * Reads data from JSON: as `JSON.parse`, but whole numbers beyond what a number holds exactly are
 * bigints, and `NaN` and the infinities are numbers. Throws `SyntaxError`.
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
