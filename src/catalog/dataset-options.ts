import type { DatasetContext, DatasetOptions } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { isPlainObject } from './plain-object.ts';
import { suggestName } from '../names/suggest-name.ts';

/** The options of a catalog entry, read by their Kedro names; each mistake names the dataset. */
export interface OptionReader {
  text(key: string): string | undefined;
  requiredText(key: string): string;
  flag(key: string): boolean | undefined;
  number(key: string): number | undefined;
  texts(key: string): readonly string[] | undefined;
  map(key: string): Readonly<Record<string, unknown>>;
  raw(key: string): unknown;
}

function invalid(where: string, problem: string): DatasetError {
  return new DatasetError('dataset-invalid', `${where}: ${problem}`);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Throws `DatasetError` (`dataset-invalid`) for options that are not known, here and when read. */
export function readOptions(
  options: DatasetOptions,
  where: string,
  known: readonly string[],
): OptionReader {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const all = known.length === 0 ? 'none' : known.join(', ');
    throw invalid(
      where,
      `there is no option '${unknown}'.${suggestName(unknown, known)} Known options: ${all}.`,
    );
  }

  function read<T>(key: string, kind: string, fits: (value: unknown) => value is T): T | undefined {
    const value = Object.hasOwn(options, key) ? options[key] : undefined;
    if (value === undefined || value === null) return undefined;
    if (fits(value)) return value;
    const found = Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    throw invalid(where, `'${key}' has to be ${kind}, not ${found}.`);
  }
  const text = (key: string) => read(key, 'a text', (value) => typeof value === 'string');

  return {
    text,
    requiredText(key) {
      const value = text(key);
      if (value === undefined || value === '') throw invalid(where, `'${key}' is missing.`);
      return value;
    },
    flag: (key) => read(key, 'true or false', (value) => typeof value === 'boolean'),
    number: (key) => read(key, 'a number', (value) => typeof value === 'number'),
    texts: (key) => read(key, 'a list of texts', isTexts),
    map: (key) => read(key, 'a map', isPlainObject) ?? {},
    raw: (key) => (Object.hasOwn(options, key) ? options[key] : undefined),
  };
}

/** How messages call a dataset that is being made. */
export function placeOf({ name, type }: Pick<DatasetContext, 'name' | 'type'>): string {
  return `Dataset '${name}' of type '${type}'`;
}
