import { leadsOut } from '../names/leads-out.ts';
import { DatasetError } from './dataset-error.ts';
import { isPlainObject, mapValues } from './plain-object.ts';

/** Braces as Python's `format` reads them: doubled ones are text, single ones hold a field. */
const formatSyntax = /\{\{|\}\}|\{(?<field>[^{}]*)\}|[{}]/gu;

interface Filling {
  readonly name: string;
  readonly pattern: string;
  readonly values: ReadonlyMap<string, string>;
}

function fillText(text: string, { name, pattern, values }: Filling): string {
  const fill = (valueOf: (field: string) => string) =>
    text.replaceAll(formatSyntax, (found: string, field: string | undefined) => {
      if (found === '{{') return '{';
      if (found === '}}') return '}';
      if (field !== undefined) return valueOf(field);
      throw new DatasetError(
        'patterns-invalid',
        `'${text}' in the dataset pattern '${pattern}' has a single '${found}'. Double it where a brace is meant.`,
      );
    });
  const filled = fill((field) => {
    const value = values.get(field);
    if (value !== undefined) return value;
    throw new DatasetError(
      'patterns-invalid',
      `'${text}' in the dataset pattern '${pattern}' asks for '{${field}}', which is no named placeholder of the pattern.`,
    );
  });
  const neutral = fill(() => '_');
  if (leadsOut(filled, neutral)) {
    throw new DatasetError(
      'path-refused',
      `The dataset name '${name}' would make '${filled}' of '${text}' in the dataset pattern '${pattern}'. A name may not lead out of the folder that the pattern is for: use one without '..' and without a root.`,
    );
  }
  return filled;
}

/**
 * The entry of a pattern with its placeholders filled in, in texts at any depth; names of
 * credentials stay. Throws `DatasetError`: `patterns-invalid`, `path-refused`.
 */
export function fillPlaceholders(entry: unknown, filling: Filling, key?: string): unknown {
  if (typeof entry === 'string') {
    return key !== 'credentials' && entry.includes('}') ? fillText(entry, filling) : entry;
  }
  if (Array.isArray(entry)) return entry.map((each) => fillPlaceholders(each, filling));
  if (!isPlainObject(entry)) return entry;
  return mapValues(entry, (each, inner) => fillPlaceholders(each, filling, inner));
}
