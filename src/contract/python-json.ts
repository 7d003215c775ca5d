/** A number as it was written; `NaN`, `Infinity` and `-Infinity` are floats, as for Python. */
export interface PythonNumber {
  readonly kind: 'int' | 'float';
  readonly text: string;
}

/** What Python's `json.loads` reads: objects keep their keys as data, numbers their spelling. */
export type PythonJson =
  | null
  | boolean
  | string
  | PythonNumber
  | readonly PythonJson[]
  | ReadonlyMap<string, PythonJson>;

export function isList(value: PythonJson): value is readonly PythonJson[] {
  return Array.isArray(value);
}

export function isObject(value: PythonJson): value is ReadonlyMap<string, PythonJson> {
  return value instanceof Map;
}

export function isNumber(value: PythonJson): value is PythonNumber {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** Writes a float as Python's `repr` does: always with a point or an exponent. */
export function writePythonFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= 16 || power < -4) {
    const sign = power < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  // Below 1e-6 and from 1e21 on, String() would use an exponent; these powers are outside.
  const text = String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

function writeNumber({ kind, text }: PythonNumber): string {
  if (kind === 'int') return text === '-0' ? '0' : text;
  const value = Number(text);
  return Number.isFinite(value) ? writePythonFloat(value) : 'null';
}

/**
 * Writes a value as FastAPI echoes it: `json.dumps` without spaces and with plain Unicode, after
 * `jsonable_encoder`, which leaves out keys that begin with `_sa`. What FastAPI cannot write
 * becomes `null` (floats that are not finite) or an escape (lone surrogates).
 * The depth of the recursion is that of the value, which `parsePythonJson` bounds.
 */
export function writePythonJson(value: PythonJson): string {
  if (isList(value)) return `[${value.map(writePythonJson).join(',')}]`;
  if (isObject(value)) {
    const members: string[] = [];
    for (const [key, member] of value) {
      if (!key.startsWith('_sa')) members.push(`${JSON.stringify(key)}:${writePythonJson(member)}`);
    }
    return `{${members.join(',')}}`;
  }
  return isNumber(value) ? writeNumber(value) : JSON.stringify(value);
}
