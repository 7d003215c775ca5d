import fc from 'fast-check';

import type { DatasetForm } from '../../src/pipeline/dataset-form.ts';
import type { NodeOutputs } from '../../src/pipeline/map-outputs.ts';
import { Node } from '../../src/pipeline/node.ts';
import type { Attempt } from '../kedro-oracle.ts';
import { toRefusal } from './pipeline-question.ts';

/** A node, what it is run with, and what its function returns or, as a generator, yields. */
export interface NodeQuestion {
  readonly ask: 'node';
  readonly form: DatasetForm;
  readonly outputs: DatasetForm;
  readonly values: Readonly<Record<string, unknown>>;
  readonly result: unknown;
  readonly generator: boolean;
}

const names = ['a', 'b', 'c', 'a@csv'];
const outputNames = ['x', 'y', 'z', 'a@json'];
const keys = ['k', 'l', 'm'];

function form(from: readonly string[]): fc.Arbitrary<DatasetForm> {
  const name = fc.constantFrom(...from);
  return fc.oneof(
    fc.constant(null),
    name,
    fc.array(name, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), name, { maxKeys: 3, noNullPrototype: true }),
  );
}

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
const anyResult = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom(...keys), leaf, { maxKeys: 3, noNullPrototype: true }),
);

/** A result of the shape that the outputs want. */
function fitting(outputs: DatasetForm): fc.Arbitrary<unknown> {
  if (outputs === null) return fc.constant(null);
  if (typeof outputs === 'string') return leaf;
  if (Array.isArray(outputs)) return fc.tuple(...outputs.map(() => leaf));
  return fc.record(Object.fromEntries(Object.keys(outputs).map((key) => [key, leaf])), {
    noNullPrototype: true,
  });
}

function withOneMore([result, extra]: readonly [unknown, unknown]): unknown {
  if (Array.isArray(result)) return result.concat([extra]);
  return typeof result === 'object' ? { ...result, more: extra } : result;
}

/** A quarter of the questions are right; the others give or return what the node does not want. */
export const nodeQuestion: fc.Arbitrary<NodeQuestion> = fc
  .record({
    form: form(names),
    outputs: form(outputNames),
    isGiven: fc.boolean(),
    isFit: fc.boolean(),
  })
  .chain(({ form: inputs, outputs, isGiven, isFit }) => {
    const inputNames = typeof inputs === 'string' ? [inputs] : Object.values(inputs ?? []);
    const values = fc.dictionary(fc.constantFrom(...names), leaf, { noNullPrototype: true });
    const right = fc.record(Object.fromEntries(inputNames.map((name) => [name, leaf])), {
      noNullPrototype: true,
    });
    const tooMuch = fc.tuple(fitting(outputs), leaf).map(withOneMore);
    const piece = isFit ? fitting(outputs) : fc.oneof(anyResult, tooMuch);
    return fc.boolean().chain((generator) =>
      fc.record({
        ask: fc.constant('node' as const),
        form: fc.constant(inputs),
        outputs: fc.constant(outputs),
        values: isGiven ? right : values,
        result: generator
          ? fc
              .tuple(piece, fc.nat({ max: 2 }))
              .map(([one, rest]) => Array.from({ length: rest + 1 }, () => one))
          : piece,
        generator: fc.constant(generator),
      }),
    );
  });

async function savedBy(outputs: NodeOutputs): Promise<readonly unknown[]> {
  if (outputs.kind === 'values') return Object.entries(outputs.values);
  const saved: unknown[] = [];
  for await (const piece of outputs.pieces) saved.push(...Object.entries(piece));
  return saved;
}

function* give(values: readonly unknown[]): Generator<unknown, void> {
  yield* values;
}

/** Our answer, in the form of the oracle's: the arguments received, and what is saved in order. */
export async function answerNode(question: NodeQuestion): Promise<Attempt> {
  const received: unknown[] = [];
  const { form: inputs, outputs } = question;
  const isMap = inputs !== null && typeof inputs === 'object' && !Array.isArray(inputs);
  function call(...args: readonly unknown[]): unknown {
    received.push(isMap && args.length > 0 ? args[0] : args);
    return question.generator ? give(question.result as readonly unknown[]) : question.result;
  }
  try {
    const node = new Node({ func: call, inputs, outputs, name: 'n' });
    const saved = await savedBy(await node.run(question.values));
    return { value: { received, saved } };
  } catch (error) {
    return toRefusal(error);
  }
}
