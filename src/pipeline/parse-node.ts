import type { DatasetForm } from './dataset-form.ts';
import { nameList } from './name-list.ts';
import type { Node } from './node.ts';
import { isValidName } from './node-name.ts';
import { PipelineError } from './pipeline-error.ts';
import { repeatedNames } from './repeated-names.ts';
import { stripTranscoding } from './transcoding.ts';
import { isNameMap, valueType } from './value-type.ts';

type Role = 'inputs' | 'outputs';

/** The error of a node that is written wrongly, whatever it is called. */
export function invalidNode(name: string | null, problem: string): PipelineError {
  const which = name === null ? '' : ` '${name}'`;
  return new PipelineError(
    'node-invalid',
    `Invalid Node definition${which}: ${problem}\nFormat should be: node(function, inputs, outputs)`,
  );
}

function parseNames(names: readonly unknown[], role: Role, node: string | null): string[] {
  return names.map((name) => {
    if (typeof name !== 'string') {
      const problem = `names of datasets in '${role}' must be strings, but one is '${valueType(name)}'.`;
      throw invalidNode(node, problem);
    }
    if (name === '') throw invalidNode(node, `a name of a dataset in '${role}' is empty.`);
    return name;
  });
}

/** A frozen copy of the datasets that the caller wrote, in the same form. */
export function parseDatasetForm(value: unknown, role: Role, node: string | null): DatasetForm {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return parseNames([value], role, node)[0] ?? null;
  if (Array.isArray(value)) return Object.freeze(parseNames(value, role, node));
  if (isNameMap(value)) {
    const names = parseNames(Object.values(value), role, node);
    const entries = Object.keys(value).map((key, index) => [key, names[index] ?? ''] as const);
    return Object.freeze(Object.fromEntries(entries));
  }
  const problem = `'${role}' type must be one of [string, array, object, null], not '${valueType(value)}'.`;
  throw invalidNode(node, problem);
}

/** A namespace, or null; an empty one counts as none. */
export function parseNamespace(namespace: string | null | undefined): string | null {
  return namespace === undefined || namespace === '' ? null : namespace;
}

/** A node's name as given, or null; an empty one counts as none. */
export function parseNodeName(name: string | null | undefined): string | null {
  if (name === null || name === undefined || name === '') return null;
  if (isValidName(name)) return name;
  throw new PipelineError(
    'node-invalid',
    `'${name}' is not a valid node name. It must contain only letters, digits, hyphens, underscores and/or fullstops.`,
  );
}

/** Tags from one tag or several. */
export function parseTags(
  tags: string | Iterable<string> | null | undefined,
  owner: Node | string,
): ReadonlySet<string> {
  const parsed = new Set(typeof tags === 'string' ? [tags] : tags);
  for (const tag of parsed) {
    if (!isValidName(tag)) {
      throw new PipelineError(
        'node-invalid',
        `'${tag}' is not a valid tag of ${String(owner)}. It must contain only letters, digits, hyphens, underscores and/or fullstops.`,
      );
    }
  }
  return parsed;
}

/** Refuses outputs that are named twice, and inputs that are outputs too, whatever their format. */
export function checkDatasets(node: Node): void {
  const { inputs, outputs } = node;
  const duplicates = repeatedNames(outputs);
  if (duplicates.length > 0) {
    throw new PipelineError(
      'node-invalid',
      `Failed to create node ${String(node)} due to duplicate output(s) ${nameList(duplicates)}.\nNode outputs must be unique.`,
    );
  }
  const inputNames = new Set(inputs.map(stripTranscoding));
  const common = outputs.map(stripTranscoding).filter((name) => inputNames.has(name));
  if (common.length > 0) {
    throw new PipelineError(
      'node-invalid',
      `Failed to create node ${String(node)}.\nA node cannot have the same inputs and outputs even if they are transcoded: ${nameList(new Set(common))}`,
    );
  }
}
