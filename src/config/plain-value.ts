import { ConfigError } from './config-error.ts';
import {
  type ConfigScalar,
  type ConfigValue,
  ConfigMap,
  EscapedMissing,
  isList,
  MAX_DEPTH,
  OpaqueValue,
} from './config-value.ts';
import { pythonStr } from './python-text.ts';

/** A number that is Python's float even where it is whole. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/**
 * Turns a JavaScript value into a configuration value. Safe whole numbers and bigints become
 * Python's int, other numbers its float. Own enumerable keys only; `undefined` is null.
 */
export function fromPlain(value: unknown, depth = 0): ConfigValue {
  if (depth > MAX_DEPTH) {
    throw new ConfigError('config-too-deep', `A value is nested deeper than ${MAX_DEPTH} levels.`);
  }
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') {
    return value;
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value instanceof Float) return value.value;
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => fromPlain(item, depth + 1));
  if (value instanceof Uint8Array || value instanceof EscapedMissing) return value;
  if (!isPlainObject(value)) return new OpaqueValue(value);
  const map = new ConfigMap();
  for (const [key, item] of Object.entries(value)) map.set(key, fromPlain(item, depth + 1));
  return map;
}

/**
 * Turns a configuration value into JavaScript: ints become numbers, or bigints beyond what a
 * number holds exactly; floats become numbers; mappings become objects without a prototype.
 */
export function toPlain(value: ConfigValue): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof EscapedMissing) return value.text;
  if (value instanceof OpaqueValue) return value.value;
  if (value instanceof ConfigMap) return toPlainObject(value);
  return isList(value) ? value.map((item) => toPlain(item)) : value;
}

export function toPlainObject(map: ConfigMap): Record<string, unknown> {
  const object = createRecord();
  for (const [key, value] of map.entries()) {
    const name = keyText(key);
    if (name in object) {
      throw new ConfigError(
        'config-key-ambiguous',
        `The keys that are written "${name}" with and without quotes are one key in JavaScript: rename one.`,
      );
    }
    object[name] = toPlain(value);
  }
  return object;
}

/** An object that inherits nothing: every key, `__proto__` too, is data. */
export function createRecord(): Record<string, unknown> {
  return { __proto__: null };
}

/** As JSON has it where Python writes a word of its own. */
export function keyText(key: ConfigScalar): string {
  return key === null || typeof key === 'boolean' ? String(key) : pythonStr(key);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
