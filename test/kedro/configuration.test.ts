import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { orderPipeline } from '../conformance/run-order.ts';
import { runToEnd, watchRun } from '../conformance/watched-run.ts';
import { openProject, type OpenProject } from './open-project.ts';

/** One worker, so that each run meets what the run before it has left. */
const options = { workers: 1 } as const;
const settings = `
import itertools

counter = itertools.count()
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {"count": lambda: next(counter)},
}
`;

describe.skipIf(inject('pythonMissing') !== null)('configuration', () => {
  let kedro: OpenProject;
  beforeAll(async () => {
    kedro = await openProject({
      ...options,
      prepare: async (project) => {
        await project.write('conf/base/globals.yml', 'city: Rome\n');
        await project.write('conf/base/parameters_more.yml', 'from_globals: ${globals:city}\n');
        // Old enough to be trusted from the first run on.
        for (const name of ['globals', 'parameters', 'parameters_more', 'catalog']) {
          await utimes(join(project.path, `conf/base/${name}.yml`), 1, 1);
        }
      },
    });
    await kedro.executor.open();
  });
  afterAll(() => kedro[Symbol.asyncDispose]());

  /** The parameters that a run sees, as Python shows them. */
  async function describeParameters(params?: object): Promise<unknown> {
    const ended = await watchRun(kedro.executor, orderPipeline('describe', params)).ended;
    expect(ended.error).toBeNull();
    return kedro.readJson('parameters');
  }

  test('an edit counts from the next run on, in every kind of file', async () => {
    expect(await describeParameters()).toMatchObject({ seconds: '0.05', from_globals: "'Rome'" });
    expect(await describeParameters()).toMatchObject({ seconds: '0.05', from_globals: "'Rome'" });
    await kedro.project.write('conf/base/globals.yml', 'city: Oslo\n');
    expect(await describeParameters()).toMatchObject({ from_globals: "'Oslo'" });
    await kedro.project.write('conf/local/parameters.yml', 'seconds: 0.25\n');
    expect(await describeParameters()).toMatchObject({ seconds: '0.25' });
    await kedro.project.write('conf/local/catalog.yml', 'numbers: { type: no.SuchDataset }\n');
    const broken = await watchRun(kedro.executor, orderPipeline('memory')).ended;
    expect(broken).toMatchObject({ status: 'failed', error: { type: 'DatasetError' } });
    await kedro.project.write('conf/local/catalog.yml', '');
    expect(await watchRun(kedro.executor, orderPipeline('memory')).ended).toMatchObject({
      status: 'succeeded',
    });
  });

  test('runtime parameters of one run are not those of the next, and keep their types', async () => {
    for (const [params, shown] of [
      [{ tenant: 1 }, '1'],
      [{ tenant: 'one' }, "'one'"],
      [{ tenant: true }, 'True'],
      [undefined, "'none'"],
      [{ tenant: 1 }, '1'],
    ] as const) {
      expect(await describeParameters(params)).toMatchObject({
        tenant: shown,
        tenant_by_resolver: shown,
      });
    }
  });

  test('what a resolver of the project answers is asked for in each run', async () => {
    await using counting = await openProject({
      ...options,
      prepare: async (project) => {
        await project.write('src/faults/settings.py', settings);
        await project.write('conf/base/parameters_more.yml', 'counted: "${count:}"\n');
      },
    });
    const counted = new Set<unknown>();
    for (let run = 0; run < 3; run += 1) {
      await runToEnd(counting.executor, orderPipeline('describe'));
      counted.add(((await counting.readJson('parameters')) as Record<string, unknown>)['counted']);
    }
    expect(counted.size).toBe(3);
  });
});
