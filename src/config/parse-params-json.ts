import { ConfigError } from './config-error.ts';
import { Float } from './plain-value.ts';
import { readJson } from './read-json.ts';

/**
 * Reads runtime parameters from JSON as Python does: whole numbers are exact (bigints where a
 * number is not), and `1.0` is a `Float`, so that it reads `1.0` inside a text, as are `NaN` and
 * the infinities. Throws
 * `ConfigError` when the text is no JSON object.
 */
export function parseParamsJson(text: string): Readonly<Record<string, unknown>> {
  let params: unknown;
  try {
    params = readJson(text, (_, value, context) =>
      typeof value === 'number' ? toPythonNumber(value, context?.source) : value,
    );
  } catch {
    throw new ConfigError('params-invalid', 'The runtime parameters are no JSON.');
  }
  if (!isRecord(params)) {
    throw new ConfigError('params-invalid', 'The runtime parameters must be a JSON object.');
  }
  return params;
}

function toPythonNumber(value: number, source: string | undefined): unknown {
  if (!Number.isFinite(value)) return new Float(value);
  if (source === undefined) return value;
  if (!/^-?[0-9]+$/u.test(source)) return new Float(value);
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Float)
  );
}
