import { JsonInvalid } from './json-invalid.ts';
import type { PythonJson } from './python-json.ts';
import { UnreadableBody } from './unreadable-body.ts';

/** Python's `sys.int_info.default_max_str_digits`: `int()` refuses more. */
const MAX_INT_DIGITS = 4300;

const constants: readonly (readonly [word: string, value: PythonJson])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', { kind: 'float', text: 'NaN' }],
  ['Infinity', { kind: 'float', text: 'Infinity' }],
  ['-Infinity', { kind: 'float', text: '-Infinity' }],
];

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const fourHexDigits = /^[0-9a-fA-F]{4}$/;

/** Reads the tokens of a JSON text one after the other, failing where Python's C scanner does. */
export class PythonScanner {
  /** Index of the next UTF-16 unit. */
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character, or nothing at the end. */
  peek(): string {
    return this.#text.charAt(this.at);
  }

  skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  fail(message: string, at = this.at): JsonInvalid {
    let position = 0;
    for (let unit = 0; unit < at; position += 1) {
      unit += (this.#text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    }
    return new JsonInvalid(message, position);
  }

  readScalar(): PythonJson {
    if (this.peek() === '"') return this.readString();
    for (const [word, value] of constants) {
      if (this.#text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.#readNumber();
  }

  /** Reads from the opening quote up to behind the closing one. */
  readString(): string {
    const text = this.#text;
    const begin = this.at;
    let at = begin + 1;
    let copied = at;
    let result = '';
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (Number.isNaN(code)) throw this.fail('Unterminated string starting at', begin);
      if (code <= 0x1f) throw this.fail('Invalid control character at', at);
      if (code !== 0x5c) {
        at += 1;
        continue;
      }
      result += text.slice(copied, at);
      const escape = text.charAt(at + 1);
      if (escape === '') throw this.fail('Unterminated string starting at', begin);
      if (escape === 'u') {
        // Python wants one more character behind the digits, so that the string can end.
        const digits = text.slice(at + 2, at + 6);
        if (!fourHexDigits.test(digits) || at + 6 >= text.length) {
          throw this.fail(String.raw`Invalid \uXXXX escape`, at + 1);
        }
        result += String.fromCharCode(Number.parseInt(digits, 16));
        at += 6;
      } else {
        const character = escapes.get(escape);
        if (character === undefined) throw this.fail(String.raw`Invalid \escape`, at);
        result += character;
        at += 2;
      }
      copied = at;
    }
    this.at = at + 1;
    return result + text.slice(copied, at);
  }

  #readNumber(): PythonJson {
    const text = this.#text;
    const start = this.at;
    let at = text.charAt(start) === '-' ? start + 1 : start;
    const firstDigit = at;
    if (text.charAt(at) === '0') at += 1;
    else at = this.#afterDigits(at);
    if (at === firstDigit) throw this.fail('Expecting value');
    const digits = at - firstDigit;

    let isFloat = false;
    if (text.charAt(at) === '.') {
      const end = this.#afterDigits(at + 1);
      if (end > at + 1) {
        at = end;
        isFloat = true;
      }
    }
    if (text.charAt(at) === 'e' || text.charAt(at) === 'E') {
      const sign = text.charAt(at + 1);
      const exponent = sign === '+' || sign === '-' ? at + 2 : at + 1;
      const end = this.#afterDigits(exponent);
      if (end > exponent) {
        at = end;
        isFloat = true;
      }
    }

    if (!isFloat && digits > MAX_INT_DIGITS) {
      throw new UnreadableBody(`The body has an integer of more than ${MAX_INT_DIGITS} digits.`);
    }
    this.at = at;
    return { kind: isFloat ? 'float' : 'int', text: text.slice(start, at) };
  }

  #afterDigits(from: number): number {
    let at = from;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (!(code >= 0x30 && code <= 0x39)) return at;
      at += 1;
    }
  }
}
