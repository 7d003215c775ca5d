import fc from 'fast-check';

import type { PipelineFilter } from '../../src/pipeline/filter-nodes.ts';
import { PipelineError } from '../../src/pipeline/pipeline-error.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { maybe, namespaces, nodeRecipes, pick, rarely, tags } from './node-recipe-arbitrary.ts';
import type { NameMethod, NodeRecipe, PipelineQuestion, Plan, Query } from './pipeline-question.ts';
import { makePipeline } from './pipeline-question.ts';

const unknownNames = [
  'nope',
  'o0',
  'n1',
  'ns',
  'a@b@c',
  'raw',
  'params:p',
  'parameters',
  'o0@csv',
  '',
];

interface OptionSketch {
  readonly inputs: readonly number[] | null;
  readonly outputs: readonly number[] | null;
  readonly parameters: readonly number[] | null;
  readonly isRenamed: boolean;
  readonly isTransposed: boolean;
  readonly tags: readonly string[] | null;
  readonly namespace: string | null;
  readonly prefixDatasetsWithNamespace: boolean;
}

const choices = maybe(35, fc.array(fc.nat(), { maxLength: 3 }));

const optionSketch: fc.Arbitrary<OptionSketch> = fc.record({
  inputs: choices,
  outputs: choices,
  parameters: choices,
  isRenamed: fc.boolean(),
  isTransposed: rarely(5),
  tags: maybe(40, fc.subarray(tags)),
  namespace: maybe(60, fc.constantFrom(...namespaces)),
  prefixDatasetsWithNamespace: rarely(75),
});

type PlanSketch =
  | {
      readonly kind: 'pipeline';
      readonly items: readonly (number | PlanSketch)[];
      readonly options: OptionSketch | null;
    }
  | { readonly kind: 'tag'; readonly of: PlanSketch; readonly tags: readonly string[] }
  | {
      readonly kind: 'add' | 'or' | 'subtract' | 'and';
      readonly left: PlanSketch;
      readonly right: PlanSketch;
    };

/** Items are shares of the nodes, so that both sides of an operator often have the same ones. */
const { plan: planSketch } = fc.letrec<{ plan: PlanSketch }>((tie) => ({
  plan: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('pipeline' as const),
        items: fc.array(fc.nat(), { minLength: 1, maxLength: 1 }),
        options: maybe(50, optionSketch),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('pipeline' as const),
        items: fc.array(tie('plan'), { minLength: 1, maxLength: 2 }),
        options: maybe(50, optionSketch),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('tag' as const),
        of: tie('plan'),
        tags: fc.subarray(tags),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('add', 'or', 'subtract', 'and'),
        left: tie('plan'),
        right: tie('plan'),
      }),
    },
  ),
}));

function tryPipeline(nodes: readonly NodeRecipe[], plan: Plan): Pipeline | null {
  try {
    return makePipeline(nodes, plan);
  } catch (error) {
    if (error instanceof PipelineError) return null;
    throw error;
  }
}

/** Names of a pipeline, and seldom one that it may not have. */
function chosen(names: Iterable<string>, picks: readonly number[]): readonly string[] {
  const known = [...names];
  return picks.map((choice) => {
    const isUnknown = choice % 23 === 22 || known.length === 0;
    return pick(isUnknown ? unknownNames : known, choice) ?? 'nope';
  });
}

function withoutFormat(name: string): string {
  return name.split('@')[0] ?? name;
}

function toOptions(sketch: OptionSketch, inner: Pipeline | null) {
  const inputs = [...(inner?.inputs() ?? ['a'])];
  const isParameter = (name: string) => name.startsWith('param');
  const rename = (picks: readonly number[] | null, names: readonly string[], role: string) => {
    if (picks === null || (names.length === 0 && (picks[0] ?? 0) % 5 !== 4)) return null;
    const some = chosen([...names, ...names.map(withoutFormat)], picks);
    if (!sketch.isRenamed) return some;
    return Object.fromEntries(
      some.map((name, index) => [name, index === 2 ? 'a' : `${role}${index}`]),
    );
  };
  const outputs = sketch.isTransposed ? inputs : [...(inner?.allOutputs() ?? [])];
  const data = sketch.isTransposed
    ? [...(inner?.datasets() ?? [])]
    : inputs.filter((name) => !isParameter(name));
  return {
    inputs: rename(sketch.inputs, data, 'in'),
    outputs: rename(sketch.outputs, outputs, 'out'),
    parameters: rename(
      sketch.parameters,
      inputs.filter(isParameter).flatMap((name) => [name, name.replace('params:', '')]),
      'par',
    ),
    tags: sketch.tags,
    namespace: sketch.namespace,
    prefixDatasetsWithNamespace: sketch.prefixDatasetsWithNamespace,
  };
}

/** Mostly all of the indices, else some. */
function shareOf(indices: readonly number[], share: number): readonly number[] {
  if (share % 3 !== 0) return indices;
  return indices.filter((index) => ((share >> (index % 24)) & 1) === 1);
}

function toPlan(
  nodes: readonly NodeRecipe[],
  sketch: PlanSketch,
  indices = [...nodes.keys()],
): Plan {
  if (sketch.kind === 'tag') return { ...sketch, of: toPlan(nodes, sketch.of, indices) };
  if (sketch.kind !== 'pipeline') {
    const { left, right } = sketch;
    return { ...sketch, left: toPlan(nodes, left, indices), right: toPlan(nodes, right, indices) };
  }
  const parts = sketch.items.length;
  const items = sketch.items.flatMap((item, part): readonly (number | Plan)[] => {
    const own = indices.filter((index) => index % parts === part);
    return typeof item === 'number' ? shareOf(own, item) : [toPlan(nodes, item, own)];
  });
  const plain: Plan = { kind: 'pipeline', items, options: {} };
  if (sketch.options === null) return plain;
  return { ...plain, options: toOptions(sketch.options, tryPipeline(nodes, plain)) };
}

const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 2 });
const nameMethod = fc.constantFrom<NameMethod | 'onlyNodesWithNamespaces'>(
  'onlyNodes',
  'onlyNodesWithTags',
  'onlyNodesWithInputs',
  'onlyNodesWithOutputs',
  'fromInputs',
  'toOutputs',
  'fromNodes',
  'toNodes',
  'onlyNodesWithNamespaces',
);
const condition = fc.constantFrom<keyof PipelineFilter>(
  'tags',
  'fromNodes',
  'toNodes',
  'nodeNames',
  'fromInputs',
  'toOutputs',
  'namespaces',
);
const querySketch = fc.oneof(
  fc.record({ method: nameMethod, picks }),
  fc.record({
    method: fc.constant('filter' as const),
    picks: fc.uniqueArray(fc.tuple(condition, picks), {
      minLength: 1,
      maxLength: 3,
      selector: ([key]) => key,
    }),
  }),
);

type Subject = 'datasets' | 'nodes' | 'tags' | 'namespaces';
const subjects: Readonly<Record<string, Subject>> = {
  onlyNodes: 'nodes',
  fromNodes: 'nodes',
  toNodes: 'nodes',
  nodeNames: 'nodes',
  onlyNodesWithTags: 'tags',
  tags: 'tags',
  onlyNodesWithNamespaces: 'namespaces',
  namespaces: 'namespaces',
};

function toQuery(
  sketch: typeof querySketch extends fc.Arbitrary<infer Q> ? Q : never,
  pipe: Pipeline | null,
): Query {
  const datasets = [...(pipe?.datasets() ?? [])];
  const nodes = pipe?.nodes ?? [];
  const names = {
    datasets: [...datasets, ...datasets.map(withoutFormat)],
    nodes: nodes.map(({ name }) => name),
    tags: nodes.flatMap((node) => [...node.tags]),
    namespaces: nodes.flatMap((node) => node.namespacePrefixes),
  };
  const choose = (key: string, some: readonly number[]) => {
    const found = chosen(names[subjects[key] ?? 'datasets'], some);
    return (some[0] ?? 0) % 13 === 12 ? found : [...new Set(found)];
  };
  if (sketch.method !== 'filter') {
    return { method: sketch.method, names: choose(sketch.method, sketch.picks) };
  }
  const entries = sketch.picks
    .filter(([key]) => names[subjects[key] ?? 'datasets'].length > 0)
    .map(([key, some]) => [key, choose(key, some)]);
  return { method: 'filter', filter: Object.fromEntries(entries) };
}

/** A pipeline made in some way, and filters on it that mostly name what it has. */
export function pipelineQuestion(maxNodes: number): fc.Arbitrary<PipelineQuestion> {
  return fc
    .record({
      nodes: nodeRecipes(maxNodes),
      plan: planSketch,
      queries: fc.array(querySketch, { minLength: 1, maxLength: 4 }),
    })
    .map(({ nodes, plan: sketch, queries }) => {
      const plan = toPlan(nodes, sketch);
      const pipe = tryPipeline(nodes, plan);
      return {
        ask: 'pipeline',
        nodes,
        plan,
        queries: queries.map((query) => toQuery(query, pipe)),
      };
    });
}
