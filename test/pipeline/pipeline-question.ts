import type { DatasetForm } from '../../src/pipeline/dataset-form.ts';
import type { PipelineFilter } from '../../src/pipeline/filter-nodes.ts';
import { Node } from '../../src/pipeline/node.ts';
import type { NodeFunction } from '../../src/pipeline/node-function.ts';
import { PipelineError } from '../../src/pipeline/pipeline-error.ts';
import type { Pipeline, PipelineOptions } from '../../src/pipeline/pipeline.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import type { Answers, Attempt } from '../kedro-oracle.ts';

export interface NodeRecipe {
  readonly kind: 'plain' | 'lambda' | 'partial';
  readonly func: string;
  readonly inputs: DatasetForm;
  readonly outputs: DatasetForm;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly namespace: string | null;
  readonly confirms: readonly string[] | null;
}

/** How a pipeline is made of node recipes (by index) and other pipelines. */
export type Plan =
  | {
      readonly kind: 'pipeline';
      readonly items: readonly (number | Plan)[];
      readonly options: PipelineOptions;
    }
  | { readonly kind: 'tag'; readonly of: Plan; readonly tags: readonly string[] }
  | {
      readonly kind: 'add' | 'or' | 'subtract' | 'and';
      readonly left: Plan;
      readonly right: Plan;
    };

export type NameMethod =
  | 'onlyNodes'
  | 'onlyNodesWithTags'
  | 'onlyNodesWithInputs'
  | 'onlyNodesWithOutputs'
  | 'fromInputs'
  | 'toOutputs'
  | 'fromNodes'
  | 'toNodes';

export type Query =
  | { readonly method: 'filter'; readonly filter: PipelineFilter }
  | { readonly method: NameMethod | 'onlyNodesWithNamespaces'; readonly names: readonly string[] };

export interface PipelineQuestion {
  readonly ask: 'pipeline';
  readonly nodes: readonly NodeRecipe[];
  readonly plan: Plan;
  readonly queries: readonly Query[];
}

/** Python's order, which is the default one for all names that have no surrogates. */
function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted((left, right) => {
    const [a, b] = [[...left], [...right]].map((chars) =>
      chars.map((char) => char.codePointAt(0) ?? 0),
    );
    const index = (a ?? []).findIndex((code, place) => code !== b?.[place]);
    return index === -1 ? left.length - right.length : (a?.[index] ?? 0) - (b?.[index] ?? -1);
  });
}

function makeFunction({ kind, func }: NodeRecipe): NodeFunction {
  const named = { [func]: () => null }[func] ?? (() => null);
  if (kind === 'partial') return named.bind(null);
  return kind === 'lambda'
    ? (
        () => () =>
          null
      )()
    : named;
}

function makeNode(recipe: NodeRecipe): Node {
  return new Node({ ...recipe, func: makeFunction(recipe) });
}

/** What the plan makes. Throws `PipelineError`. */
export function makePipeline(nodes: readonly NodeRecipe[], plan: Plan): Pipeline {
  if (plan.kind === 'tag') return makePipeline(nodes, plan.of).tag(plan.tags);
  if (plan.kind === 'pipeline') {
    const items = plan.items.map((item) => {
      const recipe = typeof item === 'number' ? nodes[item] : undefined;
      if (recipe !== undefined) return makeNode(recipe);
      return makePipeline(nodes, item as Plan);
    });
    return pipeline(items, plan.options);
  }
  return makePipeline(nodes, plan.left)[plan.kind](makePipeline(nodes, plan.right));
}

function orderFacts(pipe: Pipeline) {
  return {
    order: pipe.nodes.map(({ name }) => name),
    inputs: sorted(pipe.inputs()),
    outputs: sorted(pipe.outputs()),
    tags: pipe.nodes.map(({ tags }) => sorted(tags)),
  };
}

function nodeFacts(node: Node) {
  const isPartial = node.funcName.startsWith('partial(');
  return {
    name: node.name,
    inputs: node.inputs,
    outputs: node.outputs,
    confirms: node.confirms,
    tags: sorted(node.tags),
    namespace: node.namespace,
    shortName: isPartial ? null : node.shortName,
    text: isPartial ? null : String(node),
  };
}

function pipelineFacts(pipe: Pipeline) {
  const warnings = pipe.warnings();
  const hasPartial = pipe.nodes.some(({ funcName }) => funcName.startsWith('partial('));
  const json = new Map(
    pipe
      .toJSON()
      .pipeline.map(({ name, inputs, outputs, tags }) => [
        name,
        { name, inputs, outputs, tags: sorted(tags) },
      ]),
  );
  return {
    ...orderFacts(pipe),
    nodes: pipe.nodes.map(nodeFacts),
    groups: pipe.groupedNodes.map((group) => group.map(({ name }) => name)),
    allInputs: sorted(pipe.allInputs()),
    allOutputs: sorted(pipe.allOutputs()),
    datasets: sorted(pipe.datasets()),
    dependencies: Object.fromEntries(
      Array.from(pipe.nodeDependencies, ([child, parents]) => [
        child.name,
        sorted(Array.from(parents, ({ name }) => name)),
      ]),
    ),
    byNamespace: pipe.groupNodesBy(),
    singly: pipe.groupNodesBy(null),
    description: pipe.describe(),
    longDescription: hasPartial ? null : pipe.describe({ namesOnly: false }),
    json: sorted(json.keys()).map((name) => json.get(name)),
    interrupted: sorted(
      warnings
        .filter((text) => text.includes(' is interrupted by '))
        .map((text) => text.split("'")[1] ?? ''),
    ),
    dotted: warnings.some((text) => text.startsWith('Dataset names ')),
  };
}

function select(pipe: Pipeline, query: Query): Pipeline {
  if (query.method === 'filter') return pipe.filter(query.filter);
  if (query.method === 'onlyNodesWithNamespaces') return pipe.onlyNodesWithNamespaces(query.names);
  return pipe[query.method](...query.names);
}

/** An error that we throw on purpose, as an attempt; any other is a bug and goes on. */
export function toRefusal(error: unknown): Attempt {
  if (error instanceof PipelineError) return { error: error.name, message: error.message };
  throw error;
}

function attempt(action: () => unknown): Attempt {
  try {
    return { value: action() };
  } catch (error) {
    return toRefusal(error);
  }
}

/** Our answers, in the form of the oracle's. */
export function answerQuestion({ nodes, plan, queries }: PipelineQuestion): Answers {
  let pipe: Pipeline;
  try {
    pipe = makePipeline(nodes, plan);
  } catch (error) {
    return [toRefusal(error)];
  }
  return [
    { value: pipelineFacts(pipe) },
    ...queries.map((query) => attempt(() => orderFacts(select(pipe, query)))),
  ];
}
