import { describe, expect, test } from 'vitest';

import { MemoryDataset } from '../../src/catalog/memory-dataset.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { type Project, openProject } from '../../src/project/project.ts';
import type { RunRequest } from '../../src/project/run-request.ts';
import { createSequentialRunner } from '../../src/runner/create-runner.ts';
import type { Hooks } from '../../src/runner/hooks.ts';
import type { RunnerEvent } from '../../src/runner/runner-event.ts';
import { createExampleProject } from './example-project.ts';

const runId = '2026-01-02T03.04.05.678Z';

/** Runs a request, and gives what it ran. */
async function run(project: Project, request: Partial<RunRequest> = {}) {
  const events: RunnerEvent[] = [];
  const result = await project.run(
    { runId, ...request },
    { onEvent: (event) => events.push(event) },
  );
  const planned = events.find((event) => event.type === 'run.planned');
  return { result, nodes: planned?.nodes, events };
}

describe('a run', () => {
  test('goes from configuration to results', async () => {
    const { definition } = createExampleProject();
    const { result, nodes } = await run(await openProject(definition));
    expect(nodes).toEqual(['add_one', 'total']);
    expect(await result.get('sum_of_more')?.load()).toBe(9);
  });

  test('joins pipelines, then filters', async () => {
    const project = await openProject(createExampleProject().definition);
    const pipelineNames = ['memory', 'saved'];
    expect((await run(project, { pipelineNames })).nodes).toEqual(['add_one', 'save', 'total']);
    const filtered = await run(project, { pipelineNames, nodeNames: ['save'] });
    expect(filtered.nodes).toEqual(['save']);
    expect((await run(project, { pipelineNames: [], tags: [] })).nodes).toHaveLength(2);
  });

  test('refuses a filter that leaves nothing', async () => {
    const project = await openProject(createExampleProject().definition);
    await expect(run(project, { tags: ['unknown'] })).rejects.toMatchObject({
      name: 'ValueError',
      message: expect.stringContaining('Pipeline contains no nodes after applying all'),
    });
    const empty = await openProject({
      ...createExampleProject().definition,
      pipelines: { __default__: pipeline([]) },
    });
    await expect(run(empty)).rejects.toThrow('Pipeline contains no nodes');
  });

  test.each([
    ['memroy', '    memory'],
    ['zzz', ''],
  ])('of the unknown pipeline %s says so in words of Kedro', async (name, match) => {
    const project = await openProject(createExampleProject().definition);
    const suggestion = match === '' ? '' : `Did you mean one of these instead?\n${match}`;
    await expect(run(project, { pipelineNames: [name] })).rejects.toMatchObject({
      name: 'ValueError',
      code: 'pipeline-unknown',
      message: `Failed to find the pipeline named '${name}'. It needs to be generated and returned by the 'register_pipelines' function. ${suggestion}`,
    });
  });

  test('saves versions under its id, and loads those that are asked for', async () => {
    const { definition, readText } = createExampleProject();
    const project = await openProject(definition);
    await run(project, { pipelineNames: ['stamped'] });
    expect(JSON.parse(await readText(`data/stamped.json/${runId}/stamped.json`))).toEqual([
      2, 3, 4,
    ]);
    const wrong = run(project, { loadVersions: { unknown: runId } });
    await expect(wrong).rejects.toMatchObject({ name: 'DatasetNotFoundError' });
  });

  test('sees configuration as it is when it begins', async () => {
    const { definition, config, files } = createExampleProject();
    await files.write('data/others.json', '[10]');
    const project = await openProject(definition);
    const sum = async () => (await run(project)).result.get('sum_of_more')?.load();
    expect(await sum()).toBe(9);
    config['local/catalog.yml'] =
      'numbers: { type: json.JSONDataset, filepath: data/others.json }\n';
    expect(await sum()).toBe(11);
  });

  test('fails without a catalog, as in Kedro', async () => {
    const { definition } = createExampleProject({ config: {} });
    const failed = run(await openProject(definition));
    await expect(failed).rejects.toMatchObject({ name: 'MissingConfigException' });
  });

  test('takes configuration that is texts by path, without an empty local folder', async () => {
    const config = {
      'base/catalog.yml': 'numbers: { type: json.JSONDataset, filepath: data/numbers.json }',
    };
    const { definition } = createExampleProject({ config });
    const { result, events } = await run(await openProject(definition));
    expect(await result.get('sum_of_more')?.load()).toBe(9);
    expect(events[0]).toMatchObject({ type: 'log', level: 'warning' });
    const wrong = await openProject({ ...definition, env: 'prod' });
    await expect(run(wrong)).rejects.toThrow('"prod"');
  });
});

describe('runtime parameters', () => {
  const described = async (paramsJson: string | null, isTrusted = false) => {
    const { definition, readText } = createExampleProject();
    const project = await openProject(definition, { isTrusted, roots: [] });
    await run(project, { pipelineNames: ['describe'], paramsJson });
    return JSON.parse(await readText('data/described.json')) as unknown;
  };

  test('are laid over those of the configuration', async () => {
    expect(await described(null)).toEqual({
      tenant: 'none',
      by_resolver: 'nobody',
      model: { rate: 0.5, depth: 3 },
    });
    expect(
      await described('{"tenant": "acme", "model": {"depth": 5}, "more": [1.0, null]}'),
    ).toEqual({
      tenant: 'acme',
      by_resolver: 'acme',
      model: { rate: 0.5, depth: 5 },
      more: [1, null],
    });
  });

  test('are data, unless their callers are trusted', async () => {
    const paramsJson = '{"fresh": "${model.depth}"}';
    expect(await described(paramsJson)).toMatchObject({ fresh: '${model.depth}' });
    expect(await described(paramsJson, true)).toMatchObject({ fresh: 3 });
  });

  test('never reach the next run', async () => {
    const { definition, readText } = createExampleProject();
    const project = await openProject(definition);
    const pipelineNames = ['describe'];
    for (const tenant of ['a', null, 'b', 'a', null]) {
      const paramsJson = tenant === null ? null : JSON.stringify({ tenant });
      await run(project, { pipelineNames, paramsJson });
      expect(JSON.parse(await readText('data/described.json'))).toMatchObject({
        tenant: tenant ?? 'none',
        by_resolver: tenant ?? 'nobody',
      });
    }
  });

  test('are each node’s own, whatever it does to them', async () => {
    const spoil = (parameters: { tenant: string; model: { depth: number } }) => {
      const seen = `${parameters.tenant} ${parameters.model.depth}`;
      parameters.tenant = 'spoiled';
      parameters.model.depth = 99;
      return seen;
    };
    const { definition } = createExampleProject({
      pipelines: {
        __default__: pipeline([
          node(spoil, 'parameters', 'first', { name: 'first' }),
          node(spoil, 'parameters', 'second', { name: 'second' }),
        ]),
      },
    });
    const project = await openProject(definition);
    for (const _ of ['once', 'twice']) {
      const { result } = await run(project);
      expect(await result.get('first')?.load()).toBe('none 3');
      expect(await result.get('second')?.load()).toBe('none 3');
    }
  });

  test.each(['[1]', '"text"', '{', '{"a": nan}'])('%s is refused', async (paramsJson) => {
    const project = await openProject(createExampleProject().definition);
    await expect(run(project, { paramsJson })).rejects.toMatchObject({ code: 'params-invalid' });
  });
});

describe('runners', () => {
  const refused = async (runner: string) => {
    const project = await openProject(createExampleProject().definition);
    return run(project, { runner });
  };

  test.each([
    'sequential',
    'concurrent',
    'SequentialRunner',
    'ThreadRunner',
    'kedro.runner.ThreadRunner',
    'kedro.runner.sequential_runner.SequentialRunner',
  ])('%s is there', async (runner) => {
    expect((await refused(runner)).nodes).toEqual(['add_one', 'total']);
  });

  test.each([
    ['ParallelRunner', 'NotImplementedError', "Use 'ThreadRunner'"],
    ['NoRunner', 'AttributeError', "module 'kedro.runner' has no attribute 'NoRunner'"],
    ['os.system', 'ValueError', "Runner module 'os' is not allowed."],
    ['example.NoRunner', 'AttributeError', "module 'example' has no attribute 'NoRunner'"],
    ['examples.NoRunner', 'ValueError', "Runner module 'examples' is not allowed."],
    ['__proto__', 'AttributeError', "no attribute '__proto__'"],
  ])('%s is refused', async (runner, name, message) => {
    await expect(refused(runner)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  test("the project's own are found by their name", async () => {
    const runners = {
      'example.MyRunner': () => ({ ...createSequentialRunner(), name: 'MyRunner' }),
    };
    const asked: string[] = [];
    const hooks: Hooks[] = [
      { beforePipelineRun: ({ runParams }) => void asked.push(runParams.runner) },
    ];
    const { definition } = createExampleProject({ settings: { runners, hooks } });
    await run(await openProject(definition), { runner: 'example.MyRunner' });
    expect(asked).toEqual(['MyRunner']);
  });
});

describe('hooks of a run', () => {
  const noting = (notes: string[]): Hooks => ({
    afterCatalogCreated: ({ catalog, parameters, saveVersion, log }) => {
      notes.push(`catalog ${saveVersion} ${Object.keys(parameters).join(' ')}`);
      log.info('from a hook');
      catalog.set('numbers', [100]);
    },
    beforePipelineRun: ({ pipeline: { nodes }, runParams }) =>
      void notes.push(`before ${nodes.length} ${JSON.stringify(runParams.runtimeParams)}`),
    afterPipelineRun: async ({ runResult }) =>
      void notes.push(`after ${String(await runResult.get('sum_of_more')?.load())}`),
    onPipelineError: ({ error }) => void notes.push(`failed ${String(error)}`),
  });

  test('are called in order, and may give the catalog data', async () => {
    const notes: string[] = [];
    const { definition } = createExampleProject({ settings: { hooks: [noting(notes)] } });
    const { events } = await run(await openProject(definition), { paramsJson: '{"x": 1.0}' });
    expect(notes).toEqual([
      `catalog ${runId} tenant by_resolver model x`,
      'before 2 {"x":1}',
      'after 101',
    ]);
    expect(events[0]).toMatchObject({ type: 'log', message: 'from a hook', node: null });
  });

  test('are told of what fails', async () => {
    const notes: string[] = [];
    const fail = (_numbers: number[]): number => {
      throw new RangeError('no');
    };
    const { definition } = createExampleProject({
      settings: { hooks: [noting(notes)] },
      pipelines: { __default__: pipeline([node(fail, 'numbers', 'x')]) },
    });
    await expect(run(await openProject(definition))).rejects.toThrow('no');
    expect(notes.slice(2)).toEqual(['failed RangeError: no']);
  });
});

describe('a cancelled run', () => {
  const never = () => new Promise<void>(() => undefined);
  const hooked = async (hooks: Hooks) => {
    const { definition } = createExampleProject({ settings: { hooks: [hooks] } });
    const project = await openProject(definition);
    return project.run({ runId }, { signal: AbortSignal.timeout(5), cancelGraceMs: 1 });
  };

  test.each([
    ['afterCatalogCreated', /before its first node/],
    ['beforePipelineRun', /before its first node/],
    ['beforeDatasetLoaded', /\['add_one'\] did not stop/],
    ['afterPipelineRun', /in the hook 'afterPipelineRun'/],
  ])('does not wait for the hook %s for ever', async (name, message) => {
    await expect(hooked({ [name]: never })).rejects.toMatchObject({
      name: 'RunCancelled',
      message: expect.stringMatching(message),
    });
  });

  test('does not wait for files for ever', async () => {
    const { definition, files } = createExampleProject();
    const fileSystems = { '': { ...files, read: () => new Promise<Uint8Array>(() => undefined) } };
    const project = await openProject({ ...definition, settings: { fileSystems } });
    const options = { signal: AbortSignal.timeout(5), cancelGraceMs: 1 };
    await expect(project.run({ runId }, options)).rejects.toMatchObject({ name: 'RunCancelled' });
  });
});

test('the log of a run has what Kedro would warn of', async () => {
  const { definition } = createExampleProject({
    pipelines: {
      __default__: pipeline([
        node((numbers: number[]) => numbers, 'numbers', 'dotted.name', { name: 'dotted' }),
        node((numbers: number[]): unknown => numbers, 'dotted.name', null, { name: 'ignored' }),
      ]),
    },
  });
  const project = await openProject(definition);
  for (const _ of ['once', 'twice']) {
    const { events } = await run(project);
    const lines = events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
    expect(lines).toEqual([
      expect.stringContaining("['dotted.name'] contain '.'"),
      expect.stringContaining("Node 'ignored' returned a value"),
    ]);
  }
});

describe('a project', () => {
  test('may make its pipelines when it is opened', async () => {
    const { definition } = createExampleProject();
    const pipelines = () => Promise.resolve(definition.pipelines as Record<string, null>);
    const project = await openProject({ ...definition, pipelines });
    expect((await run(project)).nodes).toEqual(['add_one', 'total']);
  });

  test.each([
    [null, /must be an object of pipelines by name, not 'null'/],
    [{ wrong: [1] }, /'wrong' must be made by pipeline\(\), but it is 'array'/],
  ])('refuses pipelines that are none', async (pipelines, message) => {
    const { definition } = createExampleProject();
    const wrong = { ...definition, pipelines: () => pipelines as never };
    await expect(openProject(wrong)).rejects.toThrow(message);
  });

  test('knows which Kedro it is written for', async () => {
    const { definition } = createExampleProject();
    expect(await openProject(definition)).toMatchObject({
      projectName: 'Example',
      packageName: 'example',
      kedroVersion: '1.7.0',
    });
    expect((await openProject({ ...definition, kedroVersion: '1.4.0' })).kedroVersion).toBe(
      '1.4.0',
    );
  });

  test('may bring datasets of its own', async () => {
    class FixedDataset extends MemoryDataset {
      constructor() {
        super([7]);
      }
    }
    const config = { 'base/catalog.yml': 'numbers: { type: FixedDataset }' };
    const datasetTypes = { FixedDataset };
    const { definition } = createExampleProject({ config, settings: { datasetTypes } });
    const { result } = await run(await openProject(definition));
    expect(await result.get('sum_of_more')?.load()).toBe(8);
  });
});
