import { describe, expect, it } from 'vitest';

import type { DatasetForm } from '../../src/pipeline/dataset-form.ts';
import { Node } from '../../src/pipeline/node.ts';
import type { NodeOptions } from '../../src/pipeline/node.ts';
import { PipelineError } from '../../src/pipeline/pipeline-error.ts';
import { Pipeline, pipeline } from '../../src/pipeline/pipeline.ts';

function make(
  name: string,
  inputs: DatasetForm,
  outputs: DatasetForm,
  options: NodeOptions = {},
): Node {
  return new Node({ func: () => null, inputs, outputs, name, ...options });
}

function names(of: Pipeline): readonly string[] {
  return of.nodes.map(({ name }) => name);
}

const clean = make('clean', 'raw', 'rows@csv', { tags: 'prepare' });
const train = make('train', ['rows@json', 'params:rate'], 'model', { tags: ['fit', 'slow'] });
const score = make('score', ['model', 'rows@json'], 'report', { tags: 'fit' });
const flow = pipeline([score, clean, train]);

function refusal(action: () => unknown): PipelineError {
  try {
    action();
  } catch (error) {
    if (error instanceof PipelineError) return error;
  }
  throw new Error('It was not refused.');
}

describe('a pipeline', () => {
  it('knows its order, its datasets and its edges', () => {
    expect(flow.groupedNodes).toEqual([[clean], [train], [score]]);
    expect(flow.inputs()).toEqual(new Set(['raw', 'params:rate']));
    expect(flow.outputs()).toEqual(new Set(['report']));
    expect(flow.nodeDependencies.get(score)).toEqual(new Set([clean, train]));
    expect(flow.describe()).toBe(
      [
        '#### Pipeline execution order ####',
        'Inputs: params:rate, raw\n',
        'clean\ntrain\nscore\n',
        'Outputs: report',
        '##################################',
      ].join('\n'),
    );
    expect(JSON.parse(JSON.stringify(flow))).toEqual({
      pipeline: [
        { name: 'score', inputs: ['model', 'rows@json'], outputs: ['report'], tags: ['fit'] },
        { name: 'clean', inputs: ['raw'], outputs: ['rows@csv'], tags: ['prepare'] },
        {
          name: 'train',
          inputs: ['rows@json', 'params:rate'],
          outputs: ['model'],
          tags: ['fit', 'slow'],
        },
      ],
    });
  });

  it('can have no nodes', () => {
    expect(names(Pipeline.sum([]))).toEqual([]);
    expect(pipeline([]).describe()).toContain('Inputs: None');
  });

  it('is put together from others', () => {
    const other = pipeline([train, make('check', 'report', null)]);
    expect(names(flow.add(other))).toEqual(['clean', 'train', 'score', 'check']);
    expect(names(flow.or(other))).toEqual(names(Pipeline.sum([flow, other])));
    expect(names(flow.subtract(other))).toEqual(['clean', 'score']);
    expect(names(flow.and(other))).toEqual(['train']);
    expect(names(pipeline([flow, make('check', 'report', null)]))).toHaveLength(4);
    expect(pipeline(flow, { tags: 'all' }).onlyNodesWithTags('all').nodes).toHaveLength(3);
    expect(names(flow.tag(['x']).filter({ tags: ['x'], nodeNames: ['train'] }))).toEqual(['train']);
  });

  it('is used again under a namespace, with the names that its place needs', () => {
    const used = pipeline(flow, {
      inputs: { raw: 'flights' },
      outputs: 'report',
      parameters: 'rate',
      namespace: 'late',
    });
    expect(names(used)).toEqual(['late.clean', 'late.train', 'late.score']);
    expect(used.datasets()).toEqual(
      new Set([
        'flights',
        'late.rows@csv',
        'late.rows@json',
        'params:rate',
        'late.model',
        'report',
      ]),
    );
    expect(
      pipeline(used, { namespace: 'all', prefixDatasetsWithNamespace: false }).datasets(),
    ).toEqual(used.datasets());
    expect(used.groupNodesBy()).toEqual([
      { name: 'late', type: 'namespace', nodes: names(used), dependencies: [] },
    ]);
  });
});

describe('filters of a pipeline', () => {
  it('meet all conditions at once, and take null for none', () => {
    expect(names(flow.filter({ tags: ['fit'], toNodes: ['train'], fromNodes: [] }))).toEqual([
      'train',
    ]);
    expect(names(flow.filter({ fromInputs: ['rows@json'], toOutputs: null }))).toEqual([
      'train',
      'score',
    ]);
    expect(names(flow.filter({}))).toEqual(names(flow));
  });

  it.each([
    [{ nodeNames: ['trian'] }, "Pipeline does not contain nodes named ['trian']."],
    [
      { fromInputs: ['rows', 'x', 'rows@xml'] },
      "Pipeline does not contain datasets named ['rows@xml', 'x']",
    ],
    [
      { namespaces: ['ns'] },
      "Pipeline does not contain nodes with the following namespaces: ['ns']",
    ],
    [{ tags: ['nope'] }, 'Pipeline contains no nodes after applying all provided filters.'],
    [{ toNodes: ['train', 'train'] }, "appear more than once: ['train']"],
  ])('%o is refused', (filter, reason) => {
    expect(refusal(() => flow.filter(filter)).message).toContain(reason);
    expect(refusal(() => flow.filter(filter)).name).toBe('ValueError');
  });

  it('say under which namespace a node is', () => {
    const spaced = pipeline([make('train', 'a', 'b', { namespace: 'ns' })]);
    expect(refusal(() => spaced.onlyNodes('train')).message).toContain(
      "Did you mean: ['ns.train']?",
    );
  });
});

describe('nodes that cannot stand together', () => {
  it.each([
    ['ValueError', "appear more than once: ['clean']", () => pipeline([flow, clean])],
    [
      'OutputNotUniqueError',
      "Output(s) ['rows'] are returned by more than one nodes. Node outputs must be unique. They are returned by ['clean', 'other']",
      () => pipeline([clean, make('other', 'a', 'rows@json')]),
    ],
    [
      'ConfirmNotUniqueError',
      "['raw'] datasets are confirmed",
      () =>
        pipeline([
          make('m', 'a', 'b', { confirms: 'raw@x' }),
          make('n', 'b', 'c', { confirms: ['raw'] }),
        ]),
    ],
    [
      'CircularDependencyError',
      '3 item(s): n -> o -> m -> n',
      () =>
        pipeline([
          make('m', 'a', 'b'),
          make('n', 'b', 'c'),
          make('o', ['c', 'x'], 'a'),
          make('p', 'a', 'd'),
        ]),
    ],
    [
      'ValueError',
      'referenced without the separator: rows',
      () => pipeline([clean, make('n', 'rows', 'c')]),
    ],
    [
      'PipelineError',
      'raww does not exist in the pipeline. - did you mean one of these instead: raw',
      () => pipeline(flow, { inputs: 'raww' }),
    ],
    [
      'PipelineError',
      "Parameters should be specified in the 'parameters' argument: ['params:rate']",
      () => pipeline(flow, { inputs: ['params:rate'] }),
    ],
    [
      'PipelineError',
      "Inputs must not be outputs from another node in the same pipeline: ['model']",
      () => pipeline(flow, { inputs: ['model'] }),
    ],
    [
      'PipelineError',
      "All outputs must be generated by some node within the pipeline: ['raw']",
      () => pipeline(flow, { outputs: { raw: 'x' } }),
    ],
    ['ValueError', "item 2 is 'string'", () => pipeline([clean, 'train' as unknown as Node])],
    ['ValueError', "not of 'null'", () => pipeline(null as unknown as Node[])],
    [
      'ValueError',
      'Unsupported group_by strategy: tags',
      () => flow.groupNodesBy('tags' as 'none'),
    ],
  ])('are refused as %s: %s', (type, reason, action) => {
    expect(refusal(action).message).toContain(reason);
    expect(refusal(action).name).toBe(type);
  });

  it('and what is only odd is a warning', () => {
    const odd = pipeline([
      make('m', 'raw', 'b', { namespace: 'ns' }),
      make('n', 'b', 'c.d'),
      make('o', 'c.d', 'e', { namespace: 'ns' }),
    ]);
    expect(odd.warnings()).toEqual([
      "Namespace 'ns' is interrupted by nodes ['n'] and thus invalid.",
      expect.stringContaining("Dataset names ['c.d'] contain '.'"),
    ]);
    expect(flow.warnings()).toEqual([]);
  });
});
