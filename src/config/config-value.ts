import { ConfigError } from './config-error.ts';

/** OmegaConf's mark for a value that has still to be given. */
export const MISSING = '???';

/** Levels of nesting that are read, merged or resolved; Kedro gives up between 65 and 70. */
export const MAX_DEPTH = 100;

/** Text that is spelled like the missing mark but is data: it was written with a backslash. */
export class EscapedMissing {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a custom resolver returned and configuration has no kind for. */
export class OpaqueValue {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** A bigint is Python's int, a number Python's float: `1` and `1.0` stay apart until the end. */
export type ConfigScalar =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | EscapedMissing
  | OpaqueValue;

export type ConfigValue = ConfigScalar | ConfigMap | readonly ConfigValue[];

/** A mapping in Python's sense: ordered, with keys of several kinds, where 1, 1.0 and true are one key. */
export class ConfigMap {
  readonly #entries = new Map<string, readonly [ConfigScalar, ConfigValue]>();

  get size(): number {
    return this.#entries.size;
  }

  /** A key that is there keeps its place and its spelling. */
  set(key: ConfigScalar, value: ConfigValue): void {
    const id = keyId(key);
    this.#entries.set(id, [this.#entries.get(id)?.[0] ?? key, value]);
  }

  entries(): IterableIterator<readonly [ConfigScalar, ConfigValue]> {
    return this.#entries.values();
  }
}

export function isList(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

/** The same text for keys that Python's dict takes for one. */
export function keyId(key: ConfigScalar): string {
  if (typeof key === 'string') return `s${key}`;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'n1' : 'n0';
  if (typeof key === 'bigint') return `n${key}`;
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`;
  if (key instanceof EscapedMissing) return `s${key.text}`;
  if (key instanceof Uint8Array) return `b${key.join(',')}`;
  throw new ConfigError(
    'config-value-unsupported',
    'A value that a resolver returned cannot be a key.',
  );
}

/** The text of a string value, or undefined when the value is no string. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof EscapedMissing ? value.text : undefined;
}

/** OmegaConf's rule for `\???`: one backslash is taken off, and what is left is data. */
export function decodeMissing<T>(value: T): T | EscapedMissing {
  if (typeof value !== 'string' || value.length <= MISSING.length) return value;
  return isMissingSpelling(value) ? new EscapedMissing(value.slice(1)) : value;
}

/** Backslashes, any number of them, and then `???`. */
export function isMissingSpelling(text: string): boolean {
  if (!text.endsWith(MISSING)) return false;
  for (let i = 0; i < text.length - MISSING.length; i++) if (text[i] !== '\\') return false;
  return true;
}
