import { DatasetError } from './dataset-error.ts';

/** A dataset factory's name, such as `{namespace}.int_{name}`. */
export interface DatasetPattern {
  readonly pattern: string;
  /** Code points outside of the placeholders; a pattern with none takes every name. */
  readonly specificity: number;
  readonly placeholderCount: number;
  /** What the placeholders stand for in a name, or undefined when the name does not match. */
  match(name: string): ReadonlyMap<string, string> | undefined;
}

/** What Python's `parse` takes for a field; other braces are text. */
const fieldSyntax = /(\{\{|\}\}|\{[\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+|\[[^\]]+\])*(?::[^}]+)?\})/u;

/** What Kedro takes for a placeholder when it measures and checks a pattern. */
const placeholderSyntax = /\{[^\n]*?\}/gu;

export function isPattern(name: string): boolean {
  return name.includes('{');
}

/** The placeholders of a text, braces included. */
export function placeholdersOf(text: string): readonly string[] {
  return text.match(placeholderSyntax) ?? [];
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}

/** The expression for a pattern, and the fields' names by the number of their group. */
function compile(pattern: string): { expression: RegExp; fields: readonly string[] } {
  const fields: string[] = [];
  const groups = new Map<string, number>();
  let groupCount = 0;
  const source = pattern.split(fieldSyntax).map((part) => {
    if (part === '{{') return String.raw`\{`;
    if (part === '}}') return String.raw`\}`;
    if (!fieldSyntax.test(part)) {
      const brace = /[{}]/u.exec(part);
      if (brace === null) return escapeText(part);
      throw new DatasetError(
        'patterns-invalid',
        `The dataset pattern '${pattern}' has a '${brace[0]}' that belongs to no placeholder. Double it where a brace is meant.`,
      );
    }
    const field = part.slice(1, -1);
    if (/[:[]/u.test(field)) {
      throw new DatasetError(
        'patterns-invalid',
        `The dataset pattern '${pattern}' has the placeholder '${part}': formats and subscripts are not supported, only names, as in '{name}'.`,
      );
    }
    const seen = groups.get(field);
    if (seen !== undefined) return `(?:\\${String(seen)})`;
    groupCount += 1;
    if (/^\p{L}/u.test(field)) {
      groups.set(field, groupCount);
      // `format` reads a dot as an attribute of a text, which has none.
      if (!field.includes('.')) fields[groupCount] = field;
    }
    return '(.+?)';
  });
  return { expression: new RegExp(`^${source.join('')}$`, 'isu'), fields };
}

/** Reads a pattern. Throws `DatasetError` (`patterns-invalid`) for placeholders that are no names. */
export function parsePattern(pattern: string): DatasetPattern {
  const { expression, fields } = compile(pattern);
  return {
    pattern,
    specificity: Array.from(pattern.replaceAll(placeholderSyntax, '')).length,
    placeholderCount: pattern.split('{').length - 1,
    match(name) {
      const found = expression.exec(name);
      if (found === null) return undefined;
      return new Map(
        fields.flatMap((field, group) => {
          const value = found[group];
          return value === undefined ? [] : [[field, value] as const];
        }),
      );
    },
  };
}
