import fc from 'fast-check';

import type { DatasetForm } from '../../src/pipeline/dataset-form.ts';
import { toNames } from '../../src/pipeline/dataset-form.ts';
import type { NodeRecipe } from './pipeline-question.ts';

export const tags = ['t1', 't2', 'été', 'T-3.x'];
export const namespaces = ['ns', 'ns.sub', 'ns2', 'other', 'x'];

const functionNames = ['train', 'clean_data', 'f', 'make2x_of'];
const freeDatasets = [
  'a',
  'b',
  'raw@csv',
  'raw@json',
  'params:p',
  'params:q.r',
  'parameters',
  'x.y',
];
const oddDatasets = ['a@b@c', 'ns.d', 'ns.sub.e'];
const wrongNames = ['n 1', 'a/b', 'n,', '(n)'];
/** Some are beyond the first plane, which UTF-16 orders otherwise than Python does. */
const nameStarts = ['n', 'n', 'n', 'N', '_', 'ß.', '九-', 'ﾊ', '𝒳'];

type Format = 'none' | 'csv' | 'json';
type Shape = 'none' | 'one' | 'list' | 'map';

export const rarely = (percent: number) => fc.nat(99).map((roll) => roll < percent);

export const maybe = <T>(percent: number, arbitrary: fc.Arbitrary<T>) =>
  fc.tuple(rarely(percent), arbitrary).map(([isThere, value]) => (isThere ? value : null));

export function pick<T>(items: readonly T[], choice: number): T | undefined {
  return items.length === 0 ? undefined : items[choice % items.length];
}

interface NodeSketch {
  readonly kind: NodeRecipe['kind'];
  readonly func: string;
  readonly isNamed: boolean;
  readonly nameStart: number;
  readonly hasWrongName: boolean;
  readonly hasOddDataset: boolean;
  /** Takes inputs from later nodes too, so that cycles come about. */
  readonly takesAny: boolean;
  /** Gives outputs of other nodes. */
  readonly givesAny: boolean;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly inputs: readonly number[];
  readonly outputs: number;
  readonly format: Format;
  readonly tags: readonly string[];
  readonly namespace: string | null;
  readonly confirms: readonly number[] | null;
}

/** How many of a hundred nodes are written oddly, take inputs from anywhere, have a namespace. */
interface Mixture {
  readonly odd: number;
  readonly tangled: number;
  readonly namespaced: number;
}

function nodeSketch({ odd, tangled, namespaced }: Mixture): fc.Arbitrary<NodeSketch> {
  return fc.record({
    kind: fc.constantFrom('plain', 'plain', 'plain', 'lambda', 'partial'),
    func: fc.constantFrom(...functionNames),
    isNamed: rarely(60),
    nameStart: fc.nat(nameStarts.length - 1),
    hasWrongName: rarely(odd),
    hasOddDataset: rarely(odd),
    takesAny: rarely(tangled),
    givesAny: rarely(odd),
    inputShape: fc.constantFrom('none', 'one', 'one', 'list', 'list', 'list', 'map'),
    outputShape: fc.constantFrom('none', 'one', 'one', 'one', 'list', 'list', 'map'),
    inputs: fc.array(fc.nat(), { maxLength: 4 }),
    outputs: fc.constantFrom(0, 1, 1, 1, 2, 2, 3),
    format: fc.constantFrom('none', 'none', 'none', 'csv', 'json'),
    tags: fc.subarray(tags, { maxLength: 2 }),
    namespace: maybe(namespaced, fc.constantFrom(...namespaces)),
    confirms: maybe(1 + odd, fc.array(fc.nat(), { maxLength: 2 })),
  });
}

function inShape(shape: Shape, names: readonly string[]): DatasetForm {
  if (shape === 'none') return null;
  if (shape === 'one') return names[0] ?? null;
  if (shape === 'list') return names;
  return Object.fromEntries(names.map((name, index) => [`arg${(index * 7) % 5}`, name]));
}

function outputsOf(owner: number, count: number, format: Format): readonly string[] {
  const suffix = format === 'none' ? '' : `@${format}`;
  return Array.from({ length: count }, (_, place) => `o${owner}_${place}${suffix}`);
}

function toRecipe(sketch: NodeSketch, index: number, all: readonly NodeSketch[]): NodeRecipe {
  const given = all.flatMap((other, owner) => {
    if (owner === index || (owner > index && !sketch.takesAny)) return [];
    const isReread = other.format === 'csv' && sketch.format !== 'none';
    return outputsOf(owner, other.outputs, isReread ? 'json' : other.format);
  });
  const sources = [...given, ...given, ...freeDatasets];
  const taken = sketch.inputs.map((choice) => pick(sources, choice) ?? 'a');
  const odd = sketch.hasOddDataset ? [pick(oddDatasets, index) ?? 'a'] : [];
  const stolen = sketch.inputs.map((choice) => pick(given, choice + 1) ?? 'a');
  const own = outputsOf(index, sketch.outputs, sketch.format);
  const inputs = inShape(sketch.inputShape, [...odd, ...taken]);
  const outputs = inShape(sketch.outputShape, sketch.givesAny ? stolen : own);
  const isPointless = toNames(inputs).length + toNames(outputs).length === 0;
  const name = sketch.hasWrongName
    ? pick(wrongNames, index)
    : `${pick(nameStarts, sketch.nameStart)}${(index * 7) % 41}`;
  return {
    kind: sketch.kind,
    func: sketch.func,
    inputs: isPointless && !sketch.hasOddDataset ? 'a' : inputs,
    outputs,
    name: sketch.isNamed ? (name ?? null) : null,
    tags: sketch.tags,
    namespace: sketch.namespace,
    confirms: sketch.confirms?.map((choice) => pick(given, choice) ?? 'a') ?? null,
  };
}

/** Nodes that mostly fit together, sometimes not: cycles, odd names, outputs given twice. */
export function nodeRecipes(maxNodes: number): fc.Arbitrary<readonly NodeRecipe[]> {
  const sketches = (mixture: Mixture) =>
    fc.array(nodeSketch(mixture), { minLength: 1, maxLength: maxNodes, size: 'max' });
  return fc
    .oneof(
      { weight: 4, arbitrary: sketches({ odd: 0, tangled: 0, namespaced: 20 }) },
      { weight: 2, arbitrary: sketches({ odd: 0, tangled: 0, namespaced: 70 }) },
      { weight: 2, arbitrary: sketches({ odd: 6, tangled: 0, namespaced: 20 }) },
      { weight: 1, arbitrary: sketches({ odd: 0, tangled: 60, namespaced: 20 }) },
    )
    .map((all) => all.map(toRecipe));
}
