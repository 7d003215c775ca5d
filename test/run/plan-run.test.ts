import { describe, expect, test } from 'vitest';

import type { NodeSnapshot, ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import { planRun } from '../../src/run/plan-run.ts';
import type { PlannedOrder } from '../../src/run/planner.ts';
import { plainOrder } from '../conformance/run-order.ts';

function describeNode(name: string, inputs: string[], outputs: string[], tags: string[] = []) {
  const namespace = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : null;
  return { name, funcName: 'f', namespace, tags, inputs, outputs, source: null };
}

function describePipeline(name: string, nodes: readonly NodeSnapshot[]) {
  return { name, nodes, inputs: [], outputs: [] };
}

const clean = describeNode('clean', ['raw', 'params:limit'], ['cleaned'], ['prepare']);
const train = describeNode('models.train', ['cleaned', 'parameters'], ['model@pickle'], ['fit']);
const score = describeNode('models.score', ['model@onnx', 'cleaned'], ['metrics'], ['fit']);
/** As Kedro names a node that was given no name. */
const anonymous = describeNode('<lambda>__1a2b3c4d', ['metrics'], ['report']);

const snapshot: ProjectSnapshot = {
  metadata: { projectName: 'Shop', packageName: 'shop', kedroVersion: '1.7.0' },
  pipelines: [
    describePipeline('__default__', [clean, train, score, anonymous]),
    describePipeline('prepare', [clean]),
    describePipeline('other_clean', [describeNode('clean', ['raw'], ['tidy'])]),
    describePipeline('other_output', [describeNode('tidy', ['raw'], ['cleaned'])]),
    describePipeline('empty', []),
  ],
  datasets: {
    raw: { name: 'raw', type: 'pandas.CSVDataset', filepath: 'raw.csv' },
    cleaned: { name: 'cleaned', type: 'pandas.ParquetDataset', filepath: 'cleaned.parquet' },
  },
  parameters: ['limit'],
};

const nothingAsked: PlannedOrder = { ...plainOrder, inputNames: [] };
const runners = ['SequentialRunner', 'ThreadRunner'];

function plan(order: Partial<PlannedOrder>) {
  const { nodes, problems } = planRun(snapshot, runners, { ...nothingAsked, ...order });
  return { nodes: nodes.map(({ name }) => name), problems };
}

test('an order without filters selects all of the default pipeline', () => {
  const { nodes, problems } = plan({ pipelineNames: [], tags: [] });
  expect(nodes).toEqual(['clean', 'models.train', 'models.score', '<lambda>__1a2b3c4d']);
  expect(problems).toEqual([]);
});

test.each<[string, Partial<PlannedOrder>, string[]]>([
  ['a default name', { nodeNames: ['<lambda>__1a2b3c4d'] }, ['<lambda>__1a2b3c4d']],
  ['a namespace', { namespaces: ['models'] }, ['models.train', 'models.score']],
  ['a dataset in any format', { fromInputs: ['model'] }, ['models.score', '<lambda>__1a2b3c4d']],
  ['two filters', { tags: ['fit'], toNodes: ['models.train'] }, ['models.train']],
  [
    'pipelines that share a node',
    { pipelineNames: ['prepare', '__default__'], tags: ['prepare'] },
    ['clean'],
  ],
])('%s selects what Kedro would run', (_, order, nodes) => {
  expect(plan(order)).toEqual({ nodes, problems: [] });
});

test('the same order again is the same plan, as long as the snapshot is', () => {
  const order = { ...nothingAsked, tags: ['fit'] };
  const first = planRun(snapshot, runners, order);
  expect(planRun(snapshot, runners, { ...order })).toBe(first);
  expect(planRun({ ...snapshot }, runners, order)).not.toBe(first);
  expect(planRun(snapshot, null, order)).not.toBe(first);
});

describe('what is not there', () => {
  test.each<[string, Partial<PlannedOrder>, string, number | string | null, RegExp, string[]]>([
    [
      'pipeline',
      { pipelineNames: ['prepare', 'prepar'] },
      'pipelineNames',
      1,
      /no pipeline 'prepar'. Did you mean 'prepare'\?/,
      ['prepare'],
    ],
    ['node', { nodeNames: ['clean', 'cleen'] }, 'nodeNames', 1, /no node 'cleen'/, ['clean']],
    [
      'node without its namespace',
      { toNodes: ['train'] },
      'toNodes',
      0,
      /Did you mean 'models.train'/,
      ['models.train'],
    ],
    ['tag', { tags: ['fitt'] }, 'tags', 0, /tag 'fitt'/, ['fit']],
    ['namespace', { namespaces: ['model'] }, 'namespaces', 0, /namespace 'model'/, ['models']],
    [
      'dataset to begin with',
      { fromInputs: ['row'] },
      'fromInputs',
      0,
      /no dataset 'row'/,
      ['raw'],
    ],
    [
      'dataset to end with',
      { toOutputs: ['metric'] },
      'toOutputs',
      0,
      /no dataset 'metric'/,
      ['metrics'],
    ],
    [
      'runner',
      { runner: 'TreadRunner' },
      'runner',
      null,
      /no runner 'TreadRunner'; there are SequentialRunner, ThreadRunner/,
      ['ThreadRunner'],
    ],
    [
      'dataset with a version',
      { loadVersions: { raw: '1', row: '2' } },
      'loadVersions',
      'row',
      /'row', which the catalog does not have/,
      ['raw'],
    ],
    [
      'wanted output',
      { outputs: ['raw', 'metric'] },
      'outputs',
      1,
      /'metric' is wanted, which no node of the selection makes or reads/,
      ['metrics'],
    ],
    [
      'kind without data',
      { inputKinds: { raw: 'table' } },
      'inputKinds',
      'raw',
      /no data in 'inputs'/,
      [],
    ],
  ])('an unknown %s is found', (_, order, field, at, detail, closeNames) => {
    const { problems } = plan(order);
    expect(problems).toEqual([
      {
        field,
        at,
        detail: expect.stringMatching(detail),
        closeNames: expect.arrayContaining(closeNames),
      },
    ]);
  });

  test('an output that only another part of the pipeline makes', () => {
    const { problems } = plan({ nodeNames: ['clean'], outputs: ['cleaned', 'metrics'] });
    expect(problems).toMatchObject([{ field: 'outputs', at: 1 }]);
  });

  test('all of it at once', () => {
    const { problems } = plan({
      runner: 'X',
      tags: ['a'],
      nodeNames: ['b', 'c'],
      loadVersions: { d: '1' },
    });
    expect(problems.map(({ field }) => field)).toEqual([
      'runner',
      'loadVersions',
      'nodeNames',
      'nodeNames',
      'tags',
    ]);
  });

  test('what a dotted runner is, only the project knows', () => {
    expect(plan({ runner: 'shop.runners.Mine' }).problems).toEqual([]);
    expect(planRun(snapshot, null, { ...nothingAsked, runner: 'Mine' }).problems).toEqual([]);
  });
});

describe('data for a dataset', () => {
  test('is taken where the selection reads it and does not make it', () => {
    expect(plan({ inputNames: ['raw'] }).problems).toEqual([]);
    expect(plan({ inputNames: ['cleaned'], namespaces: ['models'] }).problems).toEqual([]);
    expect(plan({ inputNames: ['cleaned'], onlyMissingOutputs: true }).problems).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ['made by a node of the selection', 'cleaned', /but node 'clean' makes it/],
    ['a parameter', 'params:limit', /Give its value in 'params'/],
    ['all parameters', 'parameters', /Give its value in 'params'/],
    ['read by none of its nodes', 'row', /no node of the selection reads. Did you mean 'raw'/],
  ])('is refused when it is %s', (_, name, detail) => {
    const { problems } = plan({ inputNames: [name] });
    expect(problems).toMatchObject([
      { field: 'inputNames', at: name, detail: expect.stringMatching(detail) },
    ]);
  });
});

describe('a selection', () => {
  test('without a node is refused', () => {
    const { problems } = plan({ tags: ['prepare'], namespaces: ['models'] });
    expect(problems).toMatchObject([{ field: null, detail: expect.stringContaining('No node') }]);
    expect(plan({ pipelineNames: ['empty'] }).problems).toMatchObject([{ field: 'pipelineNames' }]);
  });

  test('of pipelines that cannot stand together is refused by the names of the project', () => {
    expect(plan({ pipelineNames: ['prepare', 'other_clean'] }).problems).toMatchObject([
      { field: 'pipelineNames', detail: expect.stringMatching(/unique names.*'clean'/) },
    ]);
    expect(plan({ pipelineNames: ['prepare', 'other_output'] }).problems).toMatchObject([
      {
        field: 'pipelineNames',
        detail: expect.stringMatching(/'cleaned'.*'clean'.*'tidy'|'cleaned'.*'tidy'.*'clean'/),
      },
    ]);
  });

  test('names a node once', () => {
    expect(plan({ nodeNames: ['clean', 'clean'] }).problems).toMatchObject([
      { field: null, detail: expect.stringContaining("'clean'") },
    ]);
  });
});

test('names of strangers cost no more than a moment', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `${'models.trian'.repeat(8)}${index}`);
  const startedAt = performance.now();
  const { problems } = plan({ nodeNames: names, tags: ['x'.repeat(1_000_000)] });
  expect(problems).toHaveLength(100);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
