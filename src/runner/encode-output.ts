import { isPlainObject } from '../catalog/plain-object.ts';
import { isTableSource, readTable, type TableSource } from '../catalog/table-source.ts';
import { JsonTooLong, JsonWriter, NotJson } from './json-writer.ts';
import { RunnerError } from './runner-error.ts';

export type OutputKind = 'json' | 'table' | 'array' | 'text' | 'reference';

/** An output's data as JSON text; `dataType` is the name of the value's class. */
export interface EncodedOutput {
  readonly kind: OutputKind;
  readonly dataType: string;
  readonly json: string;
}

/** Where an output's data is. */
export interface OutputPlace {
  readonly dataset: string;
  /** Null for what has no file. */
  readonly filepath: string | null;
  /** Null for what is not versioned. */
  readonly version: string | null;
}

function typeNameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    const name = value === null ? 'null' : typeof value;
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  }
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'Object';
}

function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  if (Array.isArray(value)) return value.length > 0 && value.every(isNumeric);
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function kindOf(value: unknown): OutputKind {
  if (typeof value === 'string') return 'text';
  if (typeof value !== 'object' || value === null) return 'json';
  if (Array.isArray(value) && value.length > 0 && value.every(isPlainObject)) return 'table';
  return isNumeric(value) ? 'array' : 'json';
}

async function writeTable(source: TableSource, writer: JsonWriter): Promise<void> {
  let separator = '[';
  for await (const rows of source[readTable]()) {
    for (const row of rows) {
      writer.add(separator);
      writer.write(row);
      separator = ',';
    }
  }
  writer.add(separator === '[' ? '[]' : ']');
}

async function encode(
  value: unknown,
  maxBytes: number,
  place: OutputPlace,
): Promise<EncodedOutput> {
  const dataType = typeNameOf(value);
  const writer = new JsonWriter(maxBytes);
  try {
    if (isTableSource(value)) {
      await writeTable(value, writer);
      return { kind: 'table', dataType, json: writer.text };
    }
    writer.write(value);
    return { kind: kindOf(value), dataType, json: writer.text };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return { kind: 'reference', dataType, json: JSON.stringify(place) };
  }
}

/**
 * Writes an output as JSON: lists of objects are a `table` (as is what offers itself as one),
 * nested lists of numbers and typed arrays an `array`, what JSON cannot hold a `reference` to its
 * place. Throws `RunnerError` (`output-too-large`) instead of writing more than `maxBytes`.
 */
export async function encodeOutput(
  value: unknown,
  maxBytes: number,
  place: OutputPlace,
): Promise<EncodedOutput> {
  try {
    return await encode(value, maxBytes, place);
  } catch (error) {
    if (!(error instanceof JsonTooLong)) throw error;
    throw new RunnerError(
      'output-too-large',
      `The output '${place.dataset}' (${typeNameOf(value)}) takes more than ${maxBytes} bytes as JSON: have a smaller part of it as an output, or save it in a file and read it there. The limit is the executor's option maxOutputBytes.`,
    );
  }
}
