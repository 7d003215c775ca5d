import { hidden } from './hide-secrets.ts';

/** As Python's `json.dumps` and `repr` write a text, and JavaScript's `JSON.stringify`. */
function* quotedForms(value: string): Generator<string> {
  const json = JSON.stringify(value).slice(1, -1);
  yield json;
  yield json.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const single = json.replaceAll('\\"', '"');
  yield single;
  yield single.replaceAll("'", "\\'");
}

/** As it stands in URLs: everything encoded, but for slashes, or as a form sends it. */
function* urlForms(value: string): Generator<string> {
  const encoded = encodeURIComponent(value.toWellFormed());
  const strict = encoded.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  yield encoded;
  yield strict;
  yield strict.replaceAll('%2F', '/');
  yield strict.replaceAll('%20', '+');
}

/** The characters that it always has in Base64, wherever in the encoded bytes it begins. */
function* base64Forms(value: string): Generator<string> {
  const bytes = new TextEncoder().encode(value);
  if (bytes.length < 8) return;
  for (const before of [0, 1, 2]) {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const binary = Array.from(padded, (byte) => String.fromCharCode(byte)).join('');
    const known = Math.floor((padded.length * 8) / 6);
    const form = btoa(binary).slice(Math.ceil((before * 8) / 6), known);
    yield form;
    yield form.replaceAll('+', '-').replaceAll('/', '_');
  }
}

function formsOf(value: string): readonly string[] {
  return [value, ...quotedForms(value), ...urlForms(value), ...base64Forms(value)];
}

/**
 * A function that takes these values out of a text, also where they are escaped or encoded; null
 * where there are none.
 */
export function createValueHiding(values: Iterable<string>): ((text: string) => string) | null {
  const forms = new Set([...values].flatMap(formsOf));
  if (forms.size === 0) return null;
  // The longest first: a part of it may be a value, too.
  const sorted = [...forms].toSorted((a, b) => b.length - a.length);
  const escaped = sorted.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  const pattern = new RegExp(escaped.join('|'), 'g');
  return (text) => text.replace(pattern, hidden);
}
