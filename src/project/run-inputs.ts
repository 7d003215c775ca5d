import type { DataCatalog } from '../catalog/data-catalog.ts';
import { MemoryDataset } from '../catalog/memory-dataset.ts';
import { isParameter } from '../catalog/parameters.ts';
import { isPlainObject } from '../catalog/plain-object.ts';
import { parseDataJson } from '../config/parse-data-json.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { ProjectFault } from './project-error.ts';
import type { InputKind, RunRequest } from './run-request.ts';

/** A run's own data, by dataset. */
export type RunInputs = ReadonlyMap<string, unknown>;

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
  const parsed = new Map(Object.entries(inputs));
  for (const [name, value] of parsed) {
    check(name, value, kinds.get(name) ?? 'json');
    if (onlyMissingOutputs !== true) checkMaker(name, pipeline);
  }
  return parsed;
}

/** Puts the data in place of what the catalog, which is this run's own, has for these names. */
export function feedCatalog(catalog: DataCatalog, inputs: RunInputs): void {
  for (const [name, value] of inputs) {
    // To Kedro's rules for missing outputs it is there, as if it were stored.
    catalog.set(name, new MemoryDataset(value, { ephemeral: false }));
  }
}
