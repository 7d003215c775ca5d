import {
  type ConfigValue,
  ConfigMap,
  EscapedMissing,
  OpaqueValue,
} from '../../src/config/config-value.ts';
import { createRecord } from '../../src/config/plain-value.ts';
import { floatText } from '../../src/config/python-text.ts';
import type { TaggedValue } from './kedro-oracle.ts';

/** The tags that Python would put on the same value. */
export function tagConfigValue(value: ConfigValue): TaggedValue {
  if (typeof value === 'bigint') return { i: String(value) };
  if (typeof value === 'number') return { f: floatText(value) };
  if (value instanceof EscapedMissing) return value.text;
  if (value instanceof Uint8Array) return { b: toHex(value) };
  if (value instanceof OpaqueValue) return { o: '' };
  if (value instanceof ConfigMap) {
    return { d: Array.from(value.entries(), ([k, v]) => [tagConfigValue(k), tagConfigValue(v)]) };
  }
  if (Array.isArray(value)) return value.map((item: ConfigValue) => tagConfigValue(item));
  return value as TaggedValue;
}

/** What the loader should answer where Kedro answers a tagged value. */
export function toExpectedPlain(tagged: TaggedValue): unknown {
  if (tagged === null || typeof tagged !== 'object') return tagged;
  if (Array.isArray(tagged)) return tagged.map((item: TaggedValue) => toExpectedPlain(item));
  if ('i' in tagged) return toInt(BigInt(tagged.i));
  if ('f' in tagged) return toFloat(tagged.f);
  if ('b' in tagged)
    return Uint8Array.from(tagged.b.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  if ('d' in tagged) {
    const record = createRecord();
    for (const [key, item] of tagged.d) record[keyText(key)] = toExpectedPlain(item);
    return record;
  }
  return tagged;
}

function keyText(key: TaggedValue): string {
  if (key !== null && typeof key === 'object' && 'f' in key) return key.f;
  return String(toExpectedPlain(key));
}

function toInt(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function toFloat(text: string): number {
  if (text === 'nan') return Number.NaN;
  return text.endsWith('inf') ? Number(`${text.replace('inf', '')}Infinity`) : Number(text);
}

/** One text for values that are alike, order of keys and kind of number included. */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Uint8Array) return `bytes(${toHex(value)})`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${canonical(v)}`);
    return `{${entries.join(', ')}}`;
  }
  return JSON.stringify(value) ?? 'undefined';
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
