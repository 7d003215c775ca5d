import fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import { planRun } from '../../src/run/plan-run.ts';
import type { PlannedOrder } from '../../src/run/planner.ts';
import { type KedroOracle, startKedroOracle } from '../kedro-oracle.ts';

type Selected = { readonly nodes: readonly string[] } | { readonly error: string };

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_125);
const root = join(import.meta.dirname, '../..');

const filterNames = {
  fromInputs: 'from_inputs',
  toOutputs: 'to_outputs',
  fromNodes: 'from_nodes',
  toNodes: 'to_nodes',
  nodeNames: 'node_names',
  tags: 'tags',
  namespaces: 'node_namespaces',
} as const;

type Filter = keyof typeof filterNames;

/** Orders that name what is in the project, and sometimes what is not. */
function orders({ pipelines }: ProjectSnapshot): fc.Arbitrary<PlannedOrder> {
  const nodes = pipelines.flatMap((pipeline) => pipeline.nodes);
  const some = (names: Iterable<string>) => {
    const known = fc.constantFrom(...new Set(names));
    const name = fc.oneof({ weight: 30, arbitrary: known }, fc.constantFrom('nope', 'a@b', ''));
    const list = fc.uniqueArray(name, { minLength: 0, maxLength: 3 });
    return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, list);
  };
  const datasets = nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  const nodeNames = nodes.map(({ name }) => name);
  const namespaces = nodes.flatMap(({ namespace }) =>
    namespace === null ? [] : [namespace, namespace.split('.')[0] ?? namespace],
  );
  return fc.record({
    pipelineNames: fc.uniqueArray(fc.constantFrom(...pipelines.map(({ name }) => name)), {
      minLength: 1,
      maxLength: 2,
    }),
    fromInputs: some(datasets),
    toOutputs: some(datasets),
    fromNodes: some(nodeNames),
    toNodes: some(nodeNames),
    nodeNames: some(nodeNames),
    tags: some(nodes.flatMap(({ tags }) => tags)),
    namespaces: some(['none', ...namespaces]),
    loadVersions: fc.constant(null),
    runner: fc.constant(null),
    onlyMissingOutputs: fc.constant(false),
    inputNames: fc.constant([]),
  });
}

function toQuestion(order: PlannedOrder): object {
  const filter = Object.entries(filterNames).flatMap(([ours, kedros]) => {
    const names = order[ours as Filter];
    return names === null || names.length === 0 ? [] : [[kedros, names]];
  });
  return { pipelines: order.pipelineNames, filter: Object.fromEntries(filter) as object };
}

describe.skipIf(inject('pythonMissing') !== null)(`plans as Kedro's (seed ${seed})`, () => {
  let kedro: KedroOracle<unknown>;

  beforeAll(async () => {
    kedro = await startKedroOracle<unknown>(import.meta.url);
  });
  afterAll(() => kedro.close());

  it.each(['examples/flights-kedro', 'test/fixtures/faults-kedro'])(
    'selects the nodes of %s that Kedro selects',
    async (project) => {
      const snapshot = (await kedro.ask({ project: join(root, project) })) as ProjectSnapshot;
      const outcomes = { selected: 0, refused: 0 };
      const property = fc.asyncProperty(orders(snapshot), async (order) => {
        const { nodes, problems } = planRun(snapshot, null, order);
        const theirs = (await kedro.ask(toQuestion(order))) as Selected;
        if ('nodes' in theirs) {
          outcomes.selected += 1;
          // Kedro lets a tag pass that no node has, as long as others are found.
          if (problems.every(({ field }) => field === 'tags') && problems.length > 0) return;
          expect(problems).toEqual([]);
          expect(nodes.map(({ name }) => name).toSorted()).toEqual(theirs.nodes);
        } else {
          outcomes.refused += 1;
          expect(problems).not.toEqual([]);
        }
      });
      await fc.assert(property, { seed, numRuns: 300 });
      expect(outcomes.selected).toBeGreaterThan(50);
      expect(outcomes.refused).toBeGreaterThan(50);
    },
    60_000,
  );
});
