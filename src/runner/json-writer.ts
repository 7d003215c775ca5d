import { isPlainObject } from '../catalog/plain-object.ts';

const maxDepth = 500;

/** The value holds something that JSON does not. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/** The text would be longer than it may be. */
export class JsonTooLong extends Error {
  override readonly name = 'JsonTooLong';
}

/** UTF-8 bytes of a text that `JSON.stringify` has written: it has no lone surrogates. */
function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Each half of a pair stands for two of its four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

type Numbers = ArrayLike<number | bigint>;

function isNumbers(value: object): value is Numbers {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/**
 * Writes values as JSON, no further than `maxBytes` of UTF-8. Bigints are written with all their
 * digits, dates as ISO text, numbers that are not finite and `undefined` in lists as null, maps
 * with text keys as objects, sets and typed arrays as lists; what has `toJSON` is what it gives.
 */
export class JsonWriter {
  readonly #maxBytes: number;
  #text = '';
  #bytes = 0;
  /** What is being written now, outermost first. */
  readonly #open = new Set<object>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get text(): string {
    return this.#text;
  }

  /** Adds text that is a piece of JSON already. Throws `JsonTooLong`. */
  add(piece: string, bytes: number = piece.length): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) throw new JsonTooLong();
    this.#text += piece;
  }

  /** Throws `NotJson` (also for a value inside itself) and `JsonTooLong`. */
  write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#writeText(value);
        break;
      case 'number':
        this.add(Number.isFinite(value) ? String(value) : 'null');
        break;
      case 'bigint':
      case 'boolean':
        this.add(String(value));
        break;
      case 'object':
        if (value === null) this.add('null');
        else this.#enter(value);
        break;
      case 'undefined':
        this.add('null');
        break;
      case 'function':
      case 'symbol':
        throw new NotJson();
    }
  }

  #writeText(text: string): void {
    if (text.length > this.#maxBytes) throw new JsonTooLong();
    const piece = JSON.stringify(text);
    this.add(piece, byteLength(piece));
  }

  #enter(value: object): void {
    if (this.#open.has(value) || this.#open.size > maxDepth) throw new NotJson();
    this.#open.add(value);
    this.#writeObject(value);
    this.#open.delete(value);
  }

  #writeObject(value: object): void {
    if (Array.isArray(value)) this.#writeList(value);
    else if (isNumbers(value)) this.#writeNumbers(value);
    else if (value instanceof Set) this.#writeList(value);
    else if (value instanceof Map) this.#writeMembers(value);
    else if (hasToJson(value)) this.write(value.toJSON());
    else if (isPlainObject(value)) this.#writeMembers(Object.entries(value));
    else throw new NotJson();
  }

  #writeList(items: Iterable<unknown>): void {
    let separator = '[';
    for (const item of items) {
      this.add(separator);
      this.write(item);
      separator = ',';
    }
    this.add(separator === '[' ? '[]' : ']');
  }

  #writeNumbers(numbers: Numbers): void {
    let separator = '[';
    for (let index = 0; index < numbers.length; index += 1) {
      this.add(separator);
      this.write(numbers[index]);
      separator = ',';
    }
    this.add(separator === '[' ? '[]' : ']');
  }

  #writeMembers(members: Iterable<readonly [unknown, unknown]>): void {
    let separator = '{';
    for (const [key, member] of members) {
      if (typeof key !== 'string') throw new NotJson();
      if (member === undefined) continue;
      this.add(separator);
      this.#writeText(key);
      this.add(':');
      this.write(member);
      separator = ',';
    }
    this.add(separator === '{' ? '{}' : '}');
  }
}
