import type { DataCatalog } from '../catalog/data-catalog.ts';
import { MemoryDataset } from '../catalog/memory-dataset.ts';
import { isParameter } from '../catalog/parameters.ts';
import { isPlainObject } from '../catalog/plain-object.ts';
import type { Row } from '../catalog/rows.ts';
import { parseDataJson } from '../config/parse-data-json.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { ProjectFault } from './project-error.ts';
import type { InputKind, RunRequest } from './run-request.ts';

/** A run's own data for one dataset, and what it is said to be. */
interface RunInput {
  readonly data: unknown;
  readonly kind: InputKind | undefined;
}

/** A run's own data, by dataset. */
export type RunInputs = ReadonlyMap<string, RunInput>;

const noInputs: RunInputs = new Map();

function invalid(message: string, cause?: unknown): ProjectFault {
  return new ProjectFault('inputs-invalid', message, { cause });
}

function isNumbers(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint' || value === null) return true;
  return Array.isArray(value) && value.every(isNumbers);
}

const forms = {
  json: { fits: () => true, form: 'JSON' },
  table: {
    fits: (value) => Array.isArray(value) && value.every(isPlainObject),
    form: 'a list of objects, one for each row',
  },
  array: {
    fits: (value) => Array.isArray(value) && isNumbers(value),
    form: 'a list, or lists of lists, of numbers',
  },
} as const satisfies Record<InputKind, { fits(value: unknown): boolean; form: string }>;

function check(name: string, value: unknown, kind: InputKind): void {
  if (isParameter(name)) {
    throw invalid(`'${name}' is a parameter, no dataset: give it in 'params', not in 'inputs'.`);
  }
  if (!forms[kind].fits(value)) {
    throw invalid(`The data given for the dataset '${name}' has to be ${forms[kind].form}.`);
  }
}

function checkMaker(name: string, pipeline: Pipeline): void {
  const maker = pipeline.nodes.find(({ outputs }) => outputs.includes(name));
  if (maker === undefined) return;
  throw invalid(
    `Data was given for the dataset '${name}', which node '${maker.name}' of this run makes: leave the node out, or do not give the data.`,
  );
}

/**
 * Reads the data that a request brings. Throws `ProjectFault` (`inputs-invalid`), which names the
 * dataset, for data that is not of the kind it is said to be, and for datasets that a node of the
 * run makes, unless only missing outputs are made.
 */
export function parseRunInputs(request: RunRequest, pipeline: Pipeline): RunInputs {
  const { inputsJson = null, inputKinds, onlyMissingOutputs } = request;
  if (inputsJson === null) return noInputs;
  let inputs: unknown;
  try {
    inputs = parseDataJson(inputsJson);
  } catch (cause) {
    throw invalid('The inputs are no JSON.', cause);
  }
  if (!isPlainObject(inputs)) throw invalid('The inputs must be a JSON object, data by dataset.');
  const kinds = new Map(Object.entries(inputKinds ?? {}));
  const parsed = new Map<string, RunInput>();
  for (const [name, data] of Object.entries(inputs)) {
    const kind = kinds.get(name);
    check(name, data, kind ?? 'json');
    if (onlyMissingOutputs !== true) checkMaker(name, pipeline);
    parsed.set(name, { data, kind });
  }
  return parsed;
}

function isRows(data: unknown): data is readonly Row[] {
  return Array.isArray(data) && data.length > 0 && data.every(isPlainObject);
}

/** Rows become what the catalog's dataset gives, where that has a form of its own for them. */
async function toData(catalog: DataCatalog, name: string, input: RunInput): Promise<unknown> {
  const { data, kind } = input;
  if (kind === 'json' || kind === 'array' || !isRows(data)) return data;
  const dataset = catalog.find(name);
  if (dataset?.fromRows === undefined) return data;
  try {
    return await dataset.fromRows(data);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalid(
      `The data given for the dataset '${name}' cannot be made into what it gives: ${reason}`,
      cause,
    );
  }
}

/**
 * Puts the data in place of what the catalog, which is this run's own, has for these names. Throws
 * `ProjectFault` (`inputs-invalid`).
 */
export async function feedCatalog(catalog: DataCatalog, inputs: RunInputs): Promise<void> {
  for (const [name, input] of inputs) {
    const data = await toData(catalog, name, input);
    // To Kedro's rules for missing outputs it is there, as if it were stored.
    catalog.set(name, new MemoryDataset(data, { ephemeral: false }));
  }
}
