import type { RunOrder } from '../executor/run-order.ts';
import type { ParsedPythonJson } from './parse-python-json.ts';
import { isObject, type PythonJson } from './python-json.ts';
import { RequestFields } from './request-fields.ts';
import { RequestInvalid } from './request-invalid.ts';
import { RunRequest } from './run-request.ts';

/** A run order that has no identity yet. */
export type RunOrderFields = Omit<RunOrder, 'runId'>;

const fieldNames: ReadonlySet<string> = new Set(Object.keys(RunRequest.shape));
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads a run request as pydantic does. Throws `RequestInvalid`: problems come in the order in
 * which the fields are declared, then extra ones as sent.
 */
export function parseRunRequest({ value, sourceOf }: ParsedPythonJson): RunOrderFields {
  if (!isObject(value)) throw notAnObject(value);
  const fields = new RequestFields(value);
  const order = readRunOrder(fields, sourceOf);
  fields.refuseOthers(fieldNames);
  if (fields.problems.length > 0) throw new RequestInvalid(fields.problems);
  return order;
}

/** Reads the fields of a run request, in the order in which they are declared. */
export function readRunOrder(
  fields: RequestFields,
  sourceOf: ParsedPythonJson['sourceOf'],
): RunOrderFields {
  return {
    fromInputs: fields.names('from_inputs'),
    toOutputs: fields.names('to_outputs'),
    fromNodes: fields.names('from_nodes'),
    toNodes: fields.names('to_nodes'),
    nodeNames: fields.names('node_names'),
    runner: readRunner(fields),
    isAsync: fields.flag('is_async'),
    tags: fields.names('tags'),
    loadVersions: fields.texts('load_versions'),
    pipelineNames: fields.names('pipeline_names'),
    namespaces: fields.names('namespaces'),
    paramsJson: fields.object('params') === null ? null : sourceOf('params'),
    onlyMissingOutputs: fields.flag('only_missing_outputs'),
  };
}

function readRunner(fields: RequestFields): string | null {
  const name = fields.text('runner');
  if (name === null || isDottedName(name)) return name;
  const msg = `Value error, runner '${name}' is not a valid Python dotted identifier. Expected a class name or dotted module path, e.g. 'SequentialRunner' or 'mypackage.runners.MyRunner'.`;
  return fields.complain('value_error', ['runner'], msg, name, new Map([['error', new Map()]]));
}

/** As `^…$` of Python's `re`, which also lets one newline stand at the end. */
function isDottedName(name: string): boolean {
  const parts = (name.endsWith('\n') ? name.slice(0, -1) : name).split('.');
  return parts.every((part) => identifier.test(part));
}

/** The body is no JSON object, or was not sent as one. */
export function notAnObject(input: PythonJson): RequestInvalid {
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  return new RequestInvalid([{ type: 'model_attributes_type', loc: ['body'], msg, input }]);
}
