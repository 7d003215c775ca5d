import { ConfigError } from './config-error.ts';
import type { ConfigScalar } from './config-value.ts';

/** What a plain scalar or an explicit `!!tag` makes of a text, in PyYAML's sense. */
export type ScalarTag = 'str' | 'int' | 'float' | 'bool' | 'null' | 'binary' | 'merge' | 'value';

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
/** PyYAML's own floats, and those that OmegaConf's loader adds (an exponent without a point). */
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const FLOAT_OF_OMEGACONF =
  /^[-+]?[0-9]+(?:_[0-9]+)*(?:\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$/;

/** The tag of a plain scalar: YAML 1.1, without timestamps, which stay texts. */
export function plainTag(text: string): ScalarTag {
  if (NULL.test(text)) return 'null';
  if (BOOL.test(text)) return 'bool';
  if (text === '<<') return 'merge';
  if (text === '=') return 'value';
  const first = text[0] ?? '';
  if (!'-+0123456789.'.includes(first)) return 'str';
  if (FLOAT.test(text) || FLOAT_OF_OMEGACONF.test(text)) return 'float';
  return INT.test(text) ? 'int' : 'str';
}

/** Throws `ConfigError` when a text cannot be what its tag says. */
export function constructScalar(tag: ScalarTag, text: string): ConfigScalar {
  switch (tag) {
    case 'str':
      return text;
    case 'null':
      return null;
    case 'bool':
      return constructBool(text);
    case 'int':
      return constructInt(text);
    case 'float':
      return constructFloat(text);
    case 'binary':
      return constructBinary(text);
    case 'merge':
    case 'value':
      throw new ConfigError('yaml-value-invalid', `"${text}" stands where a value must; quote it`);
  }
}

function constructBool(text: string): boolean {
  const word = text.toLowerCase();
  if (word === 'yes' || word === 'true' || word === 'on') return true;
  if (word === 'no' || word === 'false' || word === 'off') return false;
  throw new ConfigError('yaml-value-invalid', 'a value is tagged !!bool and is none');
}

/** Decimal digits that Python's `int()` takes. */
const MAX_INT_DIGITS = 4300;

function constructInt(text: string): bigint {
  const { negative, rest } = splitSign(text.replaceAll('_', ''));
  const size = parseMagnitude(rest);
  if (size === undefined)
    throw new ConfigError('yaml-value-invalid', 'a whole number cannot be read');
  return negative ? -size : size;
}

function parseMagnitude(text: string): bigint | undefined {
  if (/^0[bx]/.test(text)) {
    const digits = text.startsWith('0b') ? /^0b[01]+$/ : /^0x[0-9a-fA-F]+$/;
    return digits.test(text) ? BigInt(text) : undefined;
  }
  if (text.startsWith('0') && text !== '0') {
    const digits = text.replace(/^0[oO]/, '');
    return /^[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : undefined;
  }
  if (text.includes(':')) {
    const parts = text.split(':').map(parseDecimal);
    return parts.reduce(
      (sum, part) => (sum === undefined || part === undefined ? undefined : sum * 60n + part),
      0n,
    );
  }
  return parseDecimal(text);
}

function parseDecimal(digits: string): bigint | undefined {
  return /^[0-9]+$/.test(digits) && digits.length <= MAX_INT_DIGITS ? BigInt(digits) : undefined;
}

function constructFloat(text: string): number {
  const { negative, rest } = splitSign(text.replaceAll('_', '').toLowerCase());
  const size = parseFloatMagnitude(rest);
  if (size === undefined) throw new ConfigError('yaml-value-invalid', 'a number cannot be read');
  return negative ? -size : size;
}

function parseFloatMagnitude(text: string): number | undefined {
  if (text === '.inf' || /^(?:inf|infinity)$/.test(text)) return Infinity;
  if (text === '.nan' || text === 'nan') return Number.NaN;
  if (!text.includes(':')) return parsePoint(text);
  const parts = text.split(':').map(parsePoint).toReversed();
  let sum = 0;
  let base = 1;
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum += part * base;
    base *= 60;
  }
  return sum;
}

function parsePoint(text: string): number | undefined {
  return /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(text)
    ? Number(text)
    : undefined;
}

function splitSign(text: string): { readonly negative: boolean; readonly rest: string } {
  const signed = text.startsWith('-') || text.startsWith('+');
  return { negative: text.startsWith('-'), rest: signed ? text.slice(1) : text };
}

function constructBinary(text: string): Uint8Array {
  const letters = text.replace(/\s/g, '');
  if (letters.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(letters)) {
    throw new ConfigError('yaml-value-invalid', 'a !!binary value is no base64');
  }
  return Uint8Array.from(atob(letters), (character) => character.charCodeAt(0));
}
