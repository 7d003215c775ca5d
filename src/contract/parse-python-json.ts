import type { PythonJson } from './python-json.ts';
import { PythonScanner } from './python-scanner.ts';
import { UnreadableBody } from './unreadable-body.ts';

/**
 * Arrays and objects inside each other that Kedro's server can read. Measured on
 * `kedro server start` 1.7.0 with Python 3.11, for arrays, objects and both: at 956 its parser
 * raises RecursionError.
 */
export const MAX_JSON_DEPTH = 955;

/**
 * Values of one text: they take some 150 bytes each while it is read. Texts of the usual size have
 * less; it counts where larger bodies are let in.
 */
export const MAX_JSON_VALUES = 1_000_000;

export interface ParsedPythonJson {
  readonly value: PythonJson;
  /** The text of a member of the outermost object as it was written, or null without one. */
  sourceOf(key: string): string | null;
}

interface Open {
  readonly container: PythonJson[] | Map<string, PythonJson>;
  /** The member being read; unused in arrays. */
  key: string;
  /** Where the value being read begins. */
  start: number;
}

/**
 * Reads JSON as `json.loads` of Python 3.11 does, without recursion and without loss: `NaN` and
 * the infinities are numbers, of duplicate keys the last one wins in the place of the first, and
 * escapes may be lone surrogates. Throws `JsonInvalid` with Python's message and place, and
 * `UnreadableBody` where Python raises anything else, and for too many values.
 */
export function parsePythonJson(text: string): ParsedPythonJson {
  const scanner = new PythonScanner(text);
  const open: Open[] = [];
  const sources = new Map<string, readonly [start: number, end: number]>();
  let values = 0;
  scanner.skipSpace();

  for (;;) {
    values += 1;
    if (values > MAX_JSON_VALUES) {
      throw new UnreadableBody(`The body has more than ${MAX_JSON_VALUES} values.`);
    }
    let value: PythonJson;
    const begins = scanner.peek();
    if (begins === '{' || begins === '[') {
      if (open.length >= MAX_JSON_DEPTH) {
        throw new UnreadableBody(`The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
      }
      scanner.at += 1;
      scanner.skipSpace();
      const container = begins === '{' ? new Map<string, PythonJson>() : [];
      if (scanner.peek() !== (begins === '{' ? '}' : ']')) {
        const key = begins === '{' ? readKey(scanner) : '';
        open.push({ container, key, start: scanner.at });
        continue;
      }
      scanner.at += 1;
      value = container;
    } else {
      value = scanner.readScalar();
    }

    for (;;) {
      const parent = open.at(-1);
      if (parent === undefined) {
        scanner.skipSpace();
        if (scanner.peek() !== '') throw scanner.fail('Extra data');
        return {
          value,
          sourceOf: (key) => {
            const source = sources.get(key);
            return source === undefined ? null : text.slice(...source);
          },
        };
      }
      const { container } = parent;
      if (Array.isArray(container)) container.push(value);
      else {
        container.set(parent.key, value);
        if (open.length === 1) sources.set(parent.key, [parent.start, scanner.at]);
      }

      scanner.skipSpace();
      const next = scanner.peek();
      if (next === (Array.isArray(container) ? ']' : '}')) {
        scanner.at += 1;
        value = container;
        open.pop();
        continue;
      }
      if (next !== ',') throw scanner.fail("Expecting ',' delimiter");
      scanner.at += 1;
      scanner.skipSpace();
      if (!Array.isArray(container)) parent.key = readKey(scanner);
      parent.start = scanner.at;
      break;
    }
  }
}

/** Reads a key and the colon after it, up to the value. */
function readKey(scanner: PythonScanner): string {
  if (scanner.peek() !== '"') {
    throw scanner.fail('Expecting property name enclosed in double quotes');
  }
  const key = scanner.readString();
  scanner.skipSpace();
  if (scanner.peek() !== ':') throw scanner.fail("Expecting ':' delimiter");
  scanner.at += 1;
  scanner.skipSpace();
  return key;
}
