import fc from 'fast-check';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import type { Dataset } from '../../src/catalog/dataset.ts';
import { Node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { createSequentialRunner } from '../../src/runner/create-runner.ts';
import type { Hooks } from '../../src/runner/hooks.ts';

interface NodeRecipe {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly confirms: readonly string[];
  readonly fails: boolean;
  /** Above none, the function is a generator. */
  readonly pieces: number;
}

type DatasetKind = 'existing' | 'missing' | 'ephemeral';

/** A run that Kedro and we are asked for. */
export interface RunQuestion {
  readonly nodes: readonly NodeRecipe[];
  /** Those that are registered; the others are memory. */
  readonly datasets: Readonly<Record<string, DatasetKind>>;
  /** For each hook the inputs that it replaces. */
  readonly hooks: readonly (readonly string[])[];
  readonly onlyMissingOutputs: boolean;
}

/** All that a runner did, in order, and what came of it. */
export interface RunAnswer {
  readonly trace: readonly string[];
  readonly ended: { readonly outputs: readonly string[] } | { readonly error: string };
}

const sketch = fc.record({
  letter: fc.constantFrom(...'abcdefghij'),
  inputs: fc.array(fc.nat(), { maxLength: 3 }),
  outputCount: fc.constantFrom(0, 1, 1, 1, 2),
  doesConfirm: fc.nat({ max: 9 }),
  pieces: fc.constantFrom(0, 0, 0, 0, 1, 3),
});

const kinds = fc.constantFrom<DatasetKind | null>('existing', 'missing', 'ephemeral', null);

/** Pipelines whose nodes take raw data and what others give; the one that fails is any of them. */
export const runQuestion: fc.Arbitrary<RunQuestion> = fc
  .record({
    sketches: fc.array(sketch, { minLength: 1, maxLength: 8 }),
    failing: fc.nat({ max: 14 }),
    order: fc.nat(),
    kinds: fc.array(kinds, { minLength: 24, maxLength: 24 }),
    onlyMissingOutputs: fc.boolean(),
    hooks: fc.array(fc.subarray(['raw0', 'd0_0', 'd1_0']), { maxLength: 2 }),
    lacksRaw: fc.nat({ max: 19 }),
  })
  .map(({ sketches, failing, order, kinds: chosen, hooks, onlyMissingOutputs, lacksRaw }) => {
    const names = ['raw0', 'raw1'];
    const made = sketches.map(({ letter, inputs, outputCount, doesConfirm, pieces }, index) => {
      const taken = [...new Set(inputs.map((pick) => names[pick % names.length] ?? 'raw0'))];
      const count = taken.length === 0 && outputCount === 0 ? 1 : outputCount;
      const outputs = Array.from({ length: count }, (_, output) => `d${index}_${output}`);
      names.push(...outputs);
      return {
        name: `${letter}${index}`,
        inputs: taken,
        outputs,
        confirms: doesConfirm === 0 ? taken.slice(0, 1) : [],
        fails: index === failing,
        pieces: count === 0 || index === failing ? 0 : pieces,
      };
    });
    const datasets = names.flatMap((name, index) => {
      const isRaw = name.startsWith('raw');
      const kind = isRaw ? (lacksRaw === 0 ? null : 'existing') : chosen[index];
      return kind === null || kind === undefined ? [] : [[name, kind] as const];
    });
    const confirmable = new Set(datasets.map(([name]) => name));
    const nodes = made
      .map((node) => ({ ...node, confirms: node.confirms.filter((name) => confirmable.has(name)) }))
      .filter(
        (node, index) =>
          made.findIndex((each) => each.confirms[0] === node.confirms[0]) === index ||
          node.confirms.length === 0,
      );
    const turn = order % nodes.length;
    return {
      nodes: [...nodes.slice(turn), ...nodes.slice(0, turn)],
      datasets: Object.fromEntries(datasets),
      hooks,
      onlyMissingOutputs,
    };
  });

class NotedDataset implements Dataset {
  readonly ephemeral: boolean;
  readonly #name: string;
  readonly #trace: string[];
  #hasData: boolean;
  #data: unknown = 1;

  constructor(name: string, kind: DatasetKind, trace: string[]) {
    this.#name = name;
    this.#trace = trace;
    this.#hasData = kind === 'existing';
    this.ephemeral = kind === 'ephemeral';
  }

  async load(): Promise<unknown> {
    this.#trace.push(`load ${this.#name}`);
    return this.#data;
  }

  async save(data: unknown): Promise<void> {
    this.#trace.push(`save ${this.#name} ${String(data)}`);
    this.#hasData = true;
    this.#data = data;
  }

  async exists(): Promise<boolean> {
    return this.#hasData;
  }

  async release(): Promise<void> {
    this.#trace.push(`release ${this.#name}`);
  }

  async confirm(): Promise<void> {
    this.#trace.push(`confirm ${this.#name}`);
  }

  describe(): Readonly<Record<string, unknown>> {
    return {};
  }
}

function factsOf(inputs: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(inputs, Object.keys(inputs).toSorted());
}

function createHooks(trace: string[], replaced: readonly string[]): Hooks {
  const note = (...words: unknown[]) => void trace.push(words.join(' '));
  return {
    beforeDatasetLoaded: ({ datasetName, node }) =>
      note('beforeDatasetLoaded', datasetName, node.name),
    afterDatasetLoaded: ({ datasetName, data, node }) =>
      note('afterDatasetLoaded', datasetName, data, node.name),
    beforeNodeRun: ({ node, inputs }) => {
      note('beforeNodeRun', node.name, factsOf(inputs));
      const names = Object.keys(inputs).filter((name) => replaced.includes(name));
      return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, 1000]));
    },
    afterNodeRun: ({ node, inputs }) => note('afterNodeRun', node.name, factsOf(inputs)),
    onNodeError: ({ error, node, inputs }) =>
      note('onNodeError', node.name, (error as Error).message, factsOf(inputs)),
    beforeDatasetSaved: ({ datasetName, data, node }) =>
      note('beforeDatasetSaved', datasetName, data, node.name),
    afterDatasetSaved: ({ datasetName, data, node }) =>
      note('afterDatasetSaved', datasetName, data, node.name),
  };
}

function makeNode({ name, inputs, outputs, confirms, fails, pieces }: NodeRecipe): Node {
  const give = (total: number) =>
    outputs.length > 1 ? outputs.map((_, index) => total + index) : total;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const func = (...values: number[]) => {
    if (fails) throw new Error(`${name} failed`);
    return outputs.length > 0 ? give(sum(values)) : null;
  };
  const generator = function* (...values: number[]) {
    for (let piece = 0; piece < pieces; piece += 1) yield give(sum(values) + piece);
  };
  return new Node({
    func: pieces > 0 ? generator : func,
    inputs: inputs.length > 0 ? inputs : null,
    outputs: outputs.length > 1 ? outputs : (outputs[0] ?? null),
    name,
    confirms,
  });
}

/** Our answer to a question. */
export async function answerRun(question: RunQuestion): Promise<RunAnswer> {
  const trace: string[] = [];
  const datasets = Object.entries(question.datasets).map(
    ([name, kind]) => [name, new NotedDataset(name, kind, trace)] as const,
  );
  try {
    const result = await createSequentialRunner().run(
      pipeline(question.nodes.map(makeNode)),
      createDataCatalog({ datasets: Object.fromEntries(datasets) }),
      {
        hooks: question.hooks.map((replaced) => createHooks(trace, replaced)),
        onlyMissingOutputs: question.onlyMissingOutputs,
        onEvent: (event) => {
          if (event.type === 'log') trace.push(`log ${event.level} ${event.message}`);
        },
      },
    );
    return { trace, ended: { outputs: [...result.keys()].toSorted() } };
  } catch (error) {
    return { trace, ended: { error: (error as Error).message } };
  }
}
