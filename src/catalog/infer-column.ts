/** What pandas reads as a missing value. */
const missing = new Set(
  'NA N/A NULL NaN None n/a nan null <NA> #N/A #NA -NaN -nan -1.#IND -1.#QNAN 1.#IND 1.#QNAN'
    .split(' ')
    .concat('', '#N/A N/A'),
);

const number = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/iu;
const infinity = /^[+-]?inf(?:inity)?$/iu;
const booleans = new Map([
  ...['True', 'TRUE', 'true'].map((text) => [text, true] as const),
  ...['False', 'FALSE', 'false'].map((text) => [text, false] as const),
]);

function toNumber(text: string): number | undefined {
  if (number.test(text)) {
    const value = Number(text);
    const isExact = /[.e]/iu.test(text) || Number.isSafeInteger(value);
    return isExact ? value : undefined;
  }
  if (!infinity.test(text)) return undefined;
  return text.startsWith('-') ? -Infinity : Infinity;
}

function convertAll(
  texts: readonly string[],
  convert: (text: string) => unknown,
): readonly unknown[] | undefined {
  const values: unknown[] = [];
  for (const text of texts) {
    const value = missing.has(text) ? null : convert(text);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/**
 * The values of a column of texts, of one kind as pandas would have it: numbers, booleans, or
 * texts, with null for missing ones. Whole numbers that JavaScript cannot hold make it texts.
 */
export function inferColumn(texts: readonly string[]): readonly unknown[] {
  const found =
    convertAll(texts, toNumber) ??
    convertAll(texts, (text) => booleans.get(text)) ??
    convertAll(texts, (text) => text);
  return found ?? texts;
}
