import { ConfigError } from './config-error.ts';
import { type ConfigScalar, type ConfigValue, ConfigMap, isList, textOf } from './config-value.ts';
import { readParams } from './parse-params.ts';
import { keyText } from './plain-value.ts';
import { floatText } from './python-text.ts';

/**
 * Writes what `kedro run --params` takes as the JSON object that a run order has, with numbers as
 * Python reads them: `x=1.0` is `{"x":1.0}`. Throws `ConfigError` (`params-invalid`).
 */
export function toParamsJson(text: string): string {
  return write(readParams(text), text);
}

function write(value: ConfigValue, text: string): string {
  if (value instanceof ConfigMap) {
    const items = Array.from(
      value.entries(),
      ([key, item]) => `${JSON.stringify(keyText(key))}:${write(item, text)}`,
    );
    return `{${items.join(',')}}`;
  }
  if (isList(value)) return `[${value.map((item) => write(item, text)).join(',')}]`;
  return writeScalar(value, text);
}

function writeScalar(value: ConfigScalar, text: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return floatText(value);
  const string = textOf(value);
  if (string !== undefined) return JSON.stringify(string);
  throw new ConfigError(
    'params-invalid',
    `Invalid 'params' value: '${text}'. A run takes what JSON has: no infinity, no NaN and no bytes.`,
  );
}
