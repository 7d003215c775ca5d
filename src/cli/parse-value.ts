import { existsSync } from 'node:fs';
import path from 'node:path';
import { resolveConfSource } from '../nodejs/server-settings.ts';
import { UsageError } from './usage-error.ts';

/** Parses a whole number within limits. Throws `UsageError`. */
export function parseInteger(option: string, text: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  throw new UsageError(
    `Invalid value for '--${option}': '${text}' is no whole number of ${range}.`,
  );
}

/** Parses a whole number of 1 or more. Throws `UsageError`. */
export function parseCount(option: string, text: string): number {
  return parseInteger(option, text, 1, Number.MAX_SAFE_INTEGER);
}

/** Parses what stands between commas. */
export function parseList(_: string, text: string): readonly string[] {
  return text.split(',').map((item) => item.trim());
}

/** Parses seconds, fractions allowed, to milliseconds. Throws `UsageError`. */
export function parseSeconds(option: string, text: string): number {
  if (/^\d{1,7}(?:\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000);
  throw new UsageError(`Invalid value for '--${option}': '${text}' is no number of seconds.`);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
]);

/** Parses a size such as `512MiB`, `2GB` or `1048576` to bytes. Throws `UsageError`. */
export function parseByteSize(option: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?) ?([a-z]{0,3})$/i.exec(text) ?? [];
  const bytes = Math.round(Number(digits) * (UNITS.get(unit.toLowerCase()) ?? Number.NaN));
  if (digits !== '' && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `Invalid value for '--${option}': '${text}' is no size. Write it like 512MiB or 2GB.`,
  );
}

/** Parses one of a few words. Throws `UsageError`. */
export function parseChoice<const T extends string>(
  option: string,
  text: string,
  choices: readonly T[],
): T {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new UsageError(
    `Invalid value for '--${option}': '${text}' is not one of ${choices.join(', ')}.`,
  );
}

/** As Kedro's own option: a URL is taken as it is, a path must be there. Throws `UsageError`. */
export function parseConfSource(option: string, value: string): string {
  if (value.includes('://') || existsSync(value)) return resolveConfSource(value);
  throw new UsageError(`Invalid value for '--${option}': Path '${value}' does not exist.`);
}

/** Folders, which become absolute, and URLs, with commas between. Throws `UsageError`. */
export function parsePlaces(option: string, text: string): readonly string[] {
  return text.split(',').map((each) => {
    const place = each.trim();
    if (place === '') throw new UsageError(`Invalid value for '--${option}': a place is missing.`);
    return place.includes('://') ? place : path.resolve(place);
  });
}
