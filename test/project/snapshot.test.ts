import { describe, expect, test } from 'vitest';

import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { openProject } from '../../src/project/project.ts';
import { createExampleProject } from './example-project.ts';

describe('a snapshot', () => {
  test('describes the project as Kedro does', async () => {
    const project = await openProject(createExampleProject().definition);
    const { metadata, pipelines, datasets, parameters } = await project.snapshot(null);
    expect(metadata).toEqual({
      projectName: 'Example',
      packageName: 'example',
      kedroVersion: '1.7.0',
    });
    expect(pipelines.map(({ name }) => name)).toEqual([
      ...['__default__', 'memory', 'saved', 'stamped', 'describe'],
    ]);
    expect(pipelines[0]).toEqual({
      name: '__default__',
      nodes: [
        {
          name: 'add_one',
          funcName: 'addOne',
          namespace: null,
          tags: ['a', 'z'],
          inputs: ['numbers'],
          outputs: ['more'],
          source: null,
        },
        expect.objectContaining({ name: 'total' }),
      ],
      inputs: ['numbers'],
      outputs: ['sum_of_more'],
    });
    const type = 'json.JSONDataset';
    expect(datasets).toEqual({
      numbers: { name: 'numbers', type, filepath: 'data/numbers.json' },
      stamped: { name: 'stamped', type, filepath: 'data/stamped.json' },
      remote: {
        name: 'remote',
        type,
        filepath: 'https://<redacted>@example.com/remote.json?<redacted>',
      },
      saved_json: { name: 'saved_json', type, filepath: 'data/saved.json' },
      described_json: { name: 'described_json', type, filepath: 'data/described.json' },
    });
    expect(parameters).toEqual(['by_resolver', 'model', 'tenant']);
  });

  test('takes parameters as the shell does, for itself only', async () => {
    const { definition, config } = createExampleProject();
    config['local/catalog.yml'] =
      'numbers: { type: json.JSONDataset, filepath: "data/${runtime_params:tenant, none}.json" }\n';
    const project = await openProject(definition);
    const path = async (params: string | null) =>
      (await project.snapshot(params)).datasets['numbers']?.filepath;
    expect(await path('tenant=acme,new.key=1')).toBe('data/acme.json');
    expect(await path(null)).toBe('data/none.json');
    expect((await project.snapshot('new.key=1')).parameters).toContain('new');
    await expect(project.snapshot('wrong')).rejects.toMatchObject({ code: 'params-invalid' });
  });

  test('is empty without configuration', async () => {
    const { definition } = createExampleProject({ config: {} });
    const { datasets, parameters } = await (await openProject(definition)).snapshot(null);
    expect({ datasets, parameters }).toEqual({ datasets: {}, parameters: [] });
  });

  test('is the same object while nothing changes, and for the same parameters', async () => {
    const { definition, config } = createExampleProject();
    const project = await openProject(definition);
    const first = await project.snapshot(null);
    expect(await project.snapshot(null)).toBe(first);
    const withParams = await project.snapshot('a=1');
    expect(withParams).not.toBe(first);
    expect(await project.snapshot('a=1')).toBe(withParams);
    expect(await project.snapshot(null)).toBe(first);
    config['local/parameters.yml'] = 'added: 1\n';
    const edited = await project.snapshot(null);
    expect(edited.parameters).toContain('added');
    expect(first.parameters).not.toContain('added');
    delete config['local/parameters.yml'];
    expect((await project.snapshot(null)).parameters).not.toContain('added');
  });

  test('is the same object with resolvers that give the same', async () => {
    const customResolvers = { folder: () => 'data' };
    const { definition, config } = createExampleProject({
      settings: { configLoaderArgs: { customResolvers } },
    });
    config['local/catalog.yml'] =
      'other: { type: json.JSONDataset, filepath: "${folder:}/o.json" }\n';
    const project = await openProject(definition);
    const first = await project.snapshot(null);
    expect(first.datasets['other']?.filepath).toBe('data/o.json');
    expect(await project.snapshot(null)).toBe(first);
  });

  test('tells where functions stand, where the runtime knows', async () => {
    const source = { filepath: 'src/nodes.ts', lineStart: 1, lineEnd: 3 };
    const known = (x: number) => x;
    const { definition } = createExampleProject({
      settings: { findSource: (func) => (func === known ? source : null) },
      pipelines: {
        __default__: pipeline([node(known, 'a', 'b'), node((x: number) => x, 'b', 'c')]),
      },
    });
    const { pipelines } = await (await openProject(definition)).snapshot(null);
    expect(pipelines[0]?.nodes.map((each) => each.source)).toEqual([source, null]);
  });
});
