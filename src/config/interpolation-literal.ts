import { type ConfigScalar, decodeMissing, isMissingSpelling } from './config-value.ts';
import type { Element, ReferenceKey, TextPart } from './interpolation.ts';
import type { Token } from './interpolation-lexer.ts';
import { parsePythonInt } from './key-path.ts';

/** A text without interpolations is its value. */
export function textElement(parts: readonly TextPart[]): Element {
  const [first = ''] = parts;
  if (parts.length > 1 || typeof first !== 'string') return { kind: 'text', parts };
  return { kind: 'literal', value: first };
}

/** The value of an unquoted word by itself; undefined for blanks, which are none. */
export function toLiteral({ type, text }: Token): ConfigScalar | undefined {
  if (type === 'null') return null;
  if (type === 'bool') return text.toLowerCase() === 'true';
  if (type === 'int') return parsePythonInt(text);
  if (type === 'float') return floatLiteral(text);
  if (type === 'escape') return unescape(text);
  return type === 'space' ? undefined : text;
}

function floatLiteral(text: string): number {
  const plain = text.replaceAll('_', '').toLowerCase();
  if (plain.endsWith('nan')) return Number.NaN;
  if (plain.endsWith('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
  return Number(plain);
}

/** `spelling` is how the element was written; a text that reads `\???` is data. */
export function decodeMissingLiteral(element: Element, spelling: string): Element {
  if (element.kind !== 'literal' || typeof element.value !== 'string') return element;
  let inner = spelling;
  const quote = inner[0];
  if (inner.length >= 2 && (quote === '"' || quote === "'") && inner.endsWith(quote)) {
    inner = inner.slice(1, -1);
  }
  if (!isMissingSpelling(inner)) return element;
  return { kind: 'literal', value: decodeMissing(inner) };
}

/** Takes every first of two characters away. */
export function unescape(text: string): string {
  let out = '';
  for (let i = 1; i < text.length; i += 2) out += text[i];
  return out;
}

export function unescapeKey({ key, inBrackets }: ReferenceKey): ReferenceKey {
  if (typeof key !== 'string') return { key, inBrackets };
  return { key: key.replace(/\\([\\.[\]:=])/g, '$1'), inBrackets };
}
