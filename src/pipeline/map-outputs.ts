import { isNameList } from './dataset-form.ts';
import { nameList } from './name-list.ts';
import type { Node } from './node.ts';
import { PipelineError } from './pipeline-error.ts';
import { isNameMap, valueType } from './value-type.ts';

/** Values by the name of the dataset that each is for. */
export type OutputValues = Readonly<Record<string, unknown>>;

/**
 * What a node gave: all at once, or piece by piece from a generator. Each piece has a value for
 * each output, and is asked for when the one before has been taken.
 */
export type NodeOutputs =
  | { readonly kind: 'values'; readonly values: OutputValues }
  | { readonly kind: 'pieces'; readonly pieces: AsyncIterable<OutputValues> };

type Pieces = Iterable<unknown> | AsyncIterable<unknown>;

function mismatch(node: Node, problem: string): PipelineError {
  return new PipelineError(
    'node-outputs-mismatch',
    `Failed to save outputs of node ${String(node)}.\n${problem}`,
  );
}

function fromList(node: Node, names: readonly string[], result: unknown): OutputValues {
  if (!Array.isArray(result)) {
    throw mismatch(
      node,
      `The node definition contains a list of outputs ${nameList(names)}, whereas the node function returned a '${valueType(result)}'.`,
    );
  }
  if (result.length !== names.length) {
    throw mismatch(
      node,
      `The node function returned ${result.length} output(s), whereas the node definition contains ${names.length} output(s).`,
    );
  }
  return Object.fromEntries(names.map((name, index) => [name, result[index] as unknown]));
}

function fromMap(
  node: Node,
  form: Readonly<Record<string, string>>,
  result: unknown,
): OutputValues {
  if (!isNameMap(result)) {
    throw mismatch(
      node,
      `The node output is an object, whereas the function output is '${valueType(result)}'.`,
    );
  }
  const keys = Object.keys(form);
  const returned = Object.keys(result);
  if (returned.length !== keys.length || !keys.every((key) => Object.hasOwn(result, key))) {
    throw mismatch(
      node,
      `The node's output keys ${nameList(keys)} do not match with the returned output's keys ${nameList(returned)}.`,
    );
  }
  return Object.fromEntries(Object.entries(form).map(([key, name]) => [name, result[key]]));
}

function toValues(node: Node, result: unknown): OutputValues {
  const { outputForm } = node;
  if (outputForm === null) return {};
  if (typeof outputForm === 'string') return Object.fromEntries([[outputForm, result]]);
  return isNameList(outputForm)
    ? fromList(node, outputForm, result)
    : fromMap(node, outputForm, result);
}

/** Kedro takes any iterator piece by piece, and what is only iterable (an array) as a whole. */
function isIterator(result: unknown): result is Pieces {
  return (
    typeof result === 'object' &&
    result !== null &&
    'next' in result &&
    typeof result.next === 'function' &&
    (Symbol.iterator in result || Symbol.asyncIterator in result)
  );
}

async function* toPieces(node: Node, pieces: Pieces, signal: AbortSignal | undefined) {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    yield toValues(node, piece);
  }
}

/** Gives each value of a node's result to its output. A wrong shape is refused, naming the node. */
export function mapOutputs(
  node: Node,
  result: unknown,
  signal: AbortSignal | undefined,
): NodeOutputs {
  if (node.outputForm !== null && isIterator(result)) {
    return { kind: 'pieces', pieces: toPieces(node, result, signal) };
  }
  return { kind: 'values', values: toValues(node, result) };
}
