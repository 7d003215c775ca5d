import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

import type { RunOrder } from '../../src/executor/run-order.ts';
import { createRunOrder, orderPipeline } from '../conformance/run-order.ts';
import { linesOf, runToEnd, stepsOf } from '../conformance/watched-run.ts';
import { openProject, type OpenProject } from './open-project.ts';

const hooks = `
import json

from kedro.framework.hooks import hook_impl


class Noted:
    @hook_impl
    def before_pipeline_run(self, run_params):
        with open("data/run_params.json", "w") as file:
            json.dump({key: repr(value) for key, value in run_params.items()}, file)
        print("before_pipeline_run")

    @hook_impl
    def before_node_run(self, node):
        print(f"before_node_run {node.name}")


HOOKS = (Noted(),)
`;

describe.skipIf(inject('pythonMissing') !== null).each(['newest', 'oldest'] as const)(
  'a session of the %s Kedro',
  (version) => {
    let kedro: OpenProject;
    beforeAll(async () => {
      vi.stubEnv('KEDRO_ENV', 'staging');
      vi.stubEnv('FAULTS_USER', 'reader');
      kedro = await openProject({
        kedro: version,
        workers: 1,
        async prepare(project) {
          await project.write('src/faults/settings.py', hooks);
          await project.write('conf/staging/parameters.yml', 'tenant: staging\n');
          await project.write(
            'conf/staging/credentials.yml',
            'reader:\n  user: ${oc.env:FAULTS_USER}\n',
          );
          await project.write(
            'conf/staging/catalog.yml',
            'state_json: { type: json.JSONDataset, filepath: data/state-of-staging.json }\n',
          );
        },
      });
      await kedro.executor.open();
      vi.unstubAllEnvs();
    });
    afterAll(() => kedro[Symbol.asyncDispose]());

    const paramsOf = async (wanted: Partial<RunOrder>): Promise<Record<string, string>> => {
      await runToEnd(kedro.executor, createRunOrder(wanted));
      return (await kedro.readJson('run_params')) as Record<string, string>;
    };

    test('tells the hooks of the project what is run', async () => {
      const order = createRunOrder({
        pipelineNames: ['memory', 'talk'],
        tags: [],
        nodeNames: ['add_one', 'total'],
        paramsJson: '{"tenant": "acme", "deep": {"ratio": 1.0, "many": 12345678901234567890}}',
        loadVersions: null,
      });
      const events = await runToEnd(kedro.executor, order);
      expect(stepsOf(events).at(-1)).toBe('run.ended succeeded');
      const params = (await kedro.readJson('run_params')) as Record<string, string>;
      expect(params).toMatchObject({
        run_id: `'${order.runId}'`,
        pipeline_names: "['memory', 'talk']",
        node_names: "('add_one', 'total')",
        tags: 'None',
        env: "'staging'",
        runtime_params: "{'tenant': 'acme', 'deep': {'ratio': 1.0, 'many': 12345678901234567890}}",
        runner: expect.stringMatching(/SequentialRunner/),
        session_id: expect.stringMatching(/^'[0-9a-f-]{36}'$/),
        only_missing_outputs: 'False',
      });
      const next = await paramsOf({ pipelineNames: ['anonymous'], tags: ['all'] });
      expect(next).toMatchObject({ tags: "('all',)", session_id: params['session_id'] });
      expect(linesOf(events, ({ source }) => source === 'stdout')).toEqual([
        'before_pipeline_run',
        'before_node_run add_one',
        'before_node_run total',
      ]);
    });

    test('takes every part of an order', async () => {
      const steps = async (wanted: Partial<RunOrder>): Promise<string | undefined> => {
        const events = await runToEnd(kedro.executor, createRunOrder(wanted));
        return stepsOf(events)[1];
      };
      const pipelineNames = ['threads'];
      expect(await steps({})).toBe('run.planned add_one total');
      expect(await steps({ pipelineNames: [] })).toBe('run.planned add_one total');
      expect(await steps({ pipelineNames, toNodes: ['part_b'] })).toBe('run.planned part_b');
      expect(await steps({ pipelineNames, fromNodes: ['join_parts'] })).toBe(
        'run.planned join_parts',
      );
      expect(await steps({ pipelineNames, toOutputs: ['part_c'] })).toBe('run.planned part_c');
      expect(await steps({ pipelineNames, fromInputs: ['part_d'] })).toBe('run.planned join_parts');
      expect(await steps({ pipelineNames: ['anonymous'], tags: ['builtin'] })).toMatch(
        /^run.planned outer.inner.sum/,
      );
      expect(await steps({ pipelineNames: ['factory'], namespaces: ['shop'] })).toBe(
        'run.planned shop.write_sixfold',
      );
    });

    test('saves versions under the run’s id, and loads the one that is asked for', async () => {
      const order = orderPipeline('versioned');
      await runToEnd(kedro.executor, order);
      const folder = join(kedro.project.path, 'data/stamped.json');
      expect(await readdir(folder)).toEqual([order.runId]);
      expect(JSON.parse(await readFile(join(folder, order.runId, 'stamped.json'), 'utf8'))).toEqual(
        [2, 3, 4, 5],
      );
      const again = await runToEnd(kedro.executor, order);
      expect(again.at(-1)).toMatchObject({ error: { type: 'DatasetError' } });
      const other = await runToEnd(
        kedro.executor,
        orderPipeline('versioned', {}, { loadVersions: { nothing: 'x' } }),
      );
      expect(other.at(-1)).toMatchObject({
        status: 'failed',
        error: { type: 'DatasetNotFoundError', message: expect.stringContaining('nothing') },
      });
    });

    test('runs only what is missing when it is asked to', async () => {
      const order = orderPipeline('factory');
      await runToEnd(kedro.executor, order);
      const events = await runToEnd(kedro.executor, { ...order, onlyMissingOutputs: true });
      expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
      expect(stepsOf(events).filter((step) => step.startsWith('node.'))).toEqual([]);
    });

    test('has the environment of the server, and its configuration', async () => {
      await runToEnd(kedro.executor, orderPipeline('describe'));
      expect(await kedro.readJson('parameters')).toMatchObject({ tenant: "'staging'" });
      await runToEnd(kedro.executor, orderPipeline('check_state'));
      expect(await kedro.readJson('state-of-staging')).toMatchObject({
        working_directory: kedro.project.path,
      });
    });

    test('looks runners up where they may come from', async () => {
      const errorOf = async (runner: string): Promise<unknown> => {
        const events = await runToEnd(kedro.executor, orderPipeline('memory', {}, { runner }));
        return (events.at(-1) as { error: unknown }).error;
      };
      expect(await errorOf('kedro.runner.ThreadRunner')).toBeNull();
      expect(await errorOf('os.system')).toMatchObject({
        type: 'ValueError',
        message: expect.stringContaining("'os' is not allowed"),
      });
      expect(await errorOf('AbstractRunner')).toMatchObject({ type: 'TypeError' });
      expect(await errorOf('Task')).toMatchObject({
        type: 'ValueError',
        message: expect.stringContaining('not a subclass of AbstractRunner'),
      });
      expect(await errorOf('NoRunner')).toMatchObject({ type: 'AttributeError' });
    });
  },
);

describe.skipIf(inject('pythonMissing') !== null)('a request', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject();
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  test('may have ten thousand names', async () => {
    const neighbour = await kedro.hold();
    const nodeNames = Array.from({ length: 10_000 }, (_, index) => `no_such_node_${index}`);
    for (const wanted of [
      { nodeNames },
      { tags: nodeNames },
      { namespaces: nodeNames },
      { fromNodes: nodeNames },
      { toOutputs: nodeNames },
    ]) {
      const startedAt = performance.now();
      const events = await runToEnd(kedro.executor, orderPipeline('memory', {}, wanted));
      expect(events.at(-1)).toMatchObject({ status: 'failed' });
      expect(performance.now() - startedAt).toBeLessThan(25_000);
    }
    const names = Array.from({ length: 10_000 }, () => 'memory');
    const events = await runToEnd(kedro.executor, createRunOrder({ pipelineNames: names }));
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    await neighbour.release();
  });

  test.each([
    ['too deep for Python', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'RecursionError'],
    ['too deep for Kedro', `${'{"a":'.repeat(900)}1${'}'.repeat(900)}`, 'RecursionError'],
  ])('whose parameters are %s fails, and only fails', async (_, paramsJson, type) => {
    const events = await runToEnd(kedro.executor, orderPipeline('memory', {}, { paramsJson }));
    expect(events.at(-1)).toMatchObject({ status: 'failed', error: { type } });
    const next = await runToEnd(kedro.executor, orderPipeline('memory'));
    expect(next.at(-1)).toMatchObject({ status: 'succeeded' });
  });

  test('has its parameters as they were written', async () => {
    const paramsJson = String.raw`{"tenant": "a\u0000b\u00e9\ud83d\ude00", "__proto__": {"x": 1}, "constructor": 1.0,
      "many": 123456789012345678901234567890, "negative": -0.0, "hundred": 1e2, "nothing": null, "list": [1, 1.0]}`;
    const order = orderPipeline('describe', {}, { paramsJson });
    const events = await runToEnd(kedro.executor, order);
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    const seen = new Map(Object.entries((await kedro.readJson('parameters')) as object));
    expect(seen.get('tenant')).toBe(String.raw`'a\x00bé😀'`);
    expect(seen.get('__proto__')).toBe("{'x': 1}");
    expect(seen.get('constructor')).toBe('1.0');
    expect(seen.get('many')).toBe('123456789012345678901234567890');
    expect(seen.get('negative')).toBe('-0.0');
    expect(seen.get('hundred')).toBe('100.0');
    expect(seen.get('nothing')).toBe('None');
    expect(seen.get('list')).toBe('[1, 1.0]');
  });

  test('may be large', async () => {
    const events = await runToEnd(
      kedro.executor,
      orderPipeline('describe', { text: 'x'.repeat(2 ** 24) }),
    );
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
  });
});
