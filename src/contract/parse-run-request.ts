import type { RunOrder } from '../executor/run-order.ts';
import type { ParsedPythonJson } from './parse-python-json.ts';
import { isList, isNumber, isObject, type PythonJson } from './python-json.ts';
import { RequestInvalid, type RequestProblem } from './request-invalid.ts';
import { RunRequest } from './run-request.ts';

/** A run order that has no identity yet. */
export type RunOrderFields = Omit<RunOrder, 'runId'>;

/**
 * Problems that are told of one request. pydantic tells all, which makes 50 MB out of a body of
 * 1 MB; what is told here is what it tells first.
 */
export const MAX_PROBLEMS = 10_000;

type FieldName = keyof RunRequest;
type Place = readonly (string | number)[];

const fieldNames: ReadonlySet<string> = new Set(Object.keys(RunRequest.shape));
const trueWords: ReadonlySet<string> = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const falseWords: ReadonlySet<string> = new Set(['0', 'false', 'f', 'no', 'n', 'off']);
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads a run request as pydantic does. Throws `RequestInvalid`: problems come in the order in
 * which the fields are declared, then extra ones as sent.
 */
export function parseRunRequest({ value, sourceOf }: ParsedPythonJson): RunOrderFields {
  if (!isObject(value)) throw notAnObject(value);
  const problems: RequestProblem[] = [];
  const complain = (
    type: string,
    loc: Place,
    msg: string,
    input: PythonJson,
    ctx?: PythonJson,
  ): null => {
    if (problems.length < MAX_PROBLEMS) {
      problems.push({ type, loc: ['body', ...loc], msg, input, ctx });
    }
    return null;
  };

  const readText = (loc: Place, input: PythonJson): string | null =>
    typeof input === 'string'
      ? input
      : complain('string_type', loc, 'Input should be a valid string', input);

  const names = (field: FieldName): readonly string[] | null => {
    const input = value.get(field) ?? null;
    if (input === null) return null;
    if (!isList(input))
      return complain('list_type', [field], 'Input should be a valid list', input);
    return input.map((item, index) => readText([field, index], item) ?? '');
  };

  const object = (field: FieldName): ReadonlyMap<string, PythonJson> | null => {
    const input = value.get(field) ?? null;
    if (input === null || isObject(input)) return input;
    return complain('dict_type', [field], 'Input should be a valid dictionary', input);
  };

  const texts = (field: FieldName): Readonly<Record<string, string>> | null => {
    const members = object(field);
    if (members === null) return null;
    // fromEntries() defines its keys, so `__proto__` is one like any other.
    return Object.fromEntries(
      Array.from(members, ([key, member]) => [key, readText([field, key], member) ?? '']),
    );
  };

  const runner = (field: FieldName): string | null => {
    const input = value.get(field) ?? null;
    if (input === null) return null;
    const name = readText([field], input);
    if (name === null || isDottedName(name)) return name;
    const msg = `Value error, runner '${name}' is not a valid Python dotted identifier. Expected a class name or dotted module path, e.g. 'SequentialRunner' or 'mypackage.runners.MyRunner'.`;
    return complain('value_error', [field], msg, input, new Map([['error', new Map()]]));
  };

  const flag = (field: FieldName): boolean => {
    const input = value.get(field);
    const result = input === undefined ? false : readBoolean(input);
    if (typeof result === 'boolean') return result;
    const detail = result === 'bool_parsing' ? ', unable to interpret input' : '';
    complain(result, [field], `Input should be a valid boolean${detail}`, input ?? null);
    return false;
  };

  const fields: RunOrderFields = {
    fromInputs: names('from_inputs'),
    toOutputs: names('to_outputs'),
    fromNodes: names('from_nodes'),
    toNodes: names('to_nodes'),
    nodeNames: names('node_names'),
    runner: runner('runner'),
    isAsync: flag('is_async'),
    tags: names('tags'),
    loadVersions: texts('load_versions'),
    pipelineNames: names('pipeline_names'),
    namespaces: names('namespaces'),
    paramsJson: object('params') === null ? null : sourceOf('params'),
    onlyMissingOutputs: flag('only_missing_outputs'),
  };
  for (const [key, input] of value) {
    if (!fieldNames.has(key)) {
      complain('extra_forbidden', [key], 'Extra inputs are not permitted', input);
    }
  }
  if (problems.length > 0) throw new RequestInvalid(problems);
  return fields;
}

/** As `^…$` of Python's `re`, which also lets one newline stand at the end. */
function isDottedName(name: string): boolean {
  const parts = (name.endsWith('\n') ? name.slice(0, -1) : name).split('.');
  return parts.every((part) => identifier.test(part));
}

/** Reads a boolean as pydantic's lax mode does, or names the error that it reports. */
function readBoolean(input: PythonJson): boolean | 'bool_type' | 'bool_parsing' {
  if (typeof input === 'boolean') return input;
  if (typeof input === 'string') {
    const word = input.toLowerCase();
    if (trueWords.has(word)) return true;
    return falseWords.has(word) ? false : 'bool_parsing';
  }
  if (!isNumber(input)) return 'bool_type';
  const value = Number(input.text);
  const fits =
    input.kind === 'int'
      ? BigInt.asIntN(64, BigInt(input.text)) === BigInt(input.text)
      : Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  if (!fits) return 'bool_type';
  if (value === 1) return true;
  return value === 0 ? false : 'bool_parsing';
}

/** The body is no JSON object, or was not sent as one. */
export function notAnObject(input: PythonJson): RequestInvalid {
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  return new RequestInvalid([{ type: 'model_attributes_type', loc: ['body'], msg, input }]);
}
