import { isNameList } from './dataset-form.ts';
import { nameList } from './name-list.ts';
import type { Node } from './node.ts';
import { PipelineError } from './pipeline-error.ts';
import { compareCodePoints } from '../names/compare-code-points.ts';

function expectation({ inputForm, inputs }: Node): string {
  if (inputs.length === 0) return 'expected no inputs';
  if (typeof inputForm === 'string') return `expected one input named '${inputForm}'`;
  const isList = inputForm === null || isNameList(inputForm);
  const names = isList ? inputs : [...new Set(inputs)].toSorted(compareCodePoints);
  return `expected ${names.length} input(s) ${nameList(names)}`;
}

/**
 * The arguments of a node's function, without its context: none, one, one for each of a list, or
 * one object for a map. `inputs` must name the node's datasets and no others.
 */
export function bindInputs(
  node: Node,
  inputs: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  const { inputForm } = node;
  const given = Object.keys(inputs);
  const complete = node.inputs.every((name) => Object.hasOwn(inputs, name));
  if (!complete || given.length !== new Set(node.inputs).size) {
    const names = nameList(given.toSorted(compareCodePoints));
    throw new PipelineError(
      'node-inputs-mismatch',
      `Node ${String(node)} ${expectation(node)}, but got the following ${given.length} input(s) instead: ${names}.`,
    );
  }
  if (inputForm === null || node.inputs.length === 0) return [];
  if (typeof inputForm === 'string') return [inputs[inputForm]];
  if (isNameList(inputForm)) return inputForm.map((name) => inputs[name]);
  const named = Object.entries(inputForm).map(([key, name]) => [key, inputs[name]] as const);
  return [Object.fromEntries(named)];
}
