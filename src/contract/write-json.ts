/** JSON that is already written, in a value that is to be. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value of which some parts are JSON that is already written. */
export type WithJsonText =
  | null
  | boolean
  | number
  | string
  | JsonText
  | readonly WithJsonText[]
  | { readonly [key: string]: WithJsonText | undefined };

function isList(value: WithJsonText): value is readonly WithJsonText[] {
  return Array.isArray(value);
}

/** Writes as `JSON.stringify` does, and what is already written as it stands. */
export function writeJson(value: WithJsonText): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof JsonText) return value.text;
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`;
  const members = Object.entries(value).map(([key, member]) =>
    member === undefined ? [] : `${JSON.stringify(key)}:${writeJson(member)}`,
  );
  return `{${members.flat().join(',')}}`;
}
