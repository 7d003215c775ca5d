import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';

import { openParamsProject } from './open-params-project.ts';

const usual = 'params.datasets.Opening';
const other = 'params.datasets.Other';

const loader = `
import json
from pathlib import Path

from kedro.config import AbstractConfigLoader, MissingConfigException


class OwnLoader(AbstractConfigLoader):
    """Fills what the files have in braces by the parameters."""

    def __getitem__(self, key):
        path = Path(self.conf_source) / f"{key}.json"
        if not path.exists():
            raise MissingConfigException(key)
        text = path.read_text()
        for name in ("place", "kind"):
            default = {"place": "here", "kind": "${usual}"}[name]
            text = text.replace(f"<{name}>", str(self.runtime_params.get(name, default)))
        return json.loads(text)
`;

describe.skipIf(inject('pythonMissing') !== null).each(['newest', 'oldest'] as const)(
  'params in other shapes, with the %s Kedro',
  (kedro) => {
    test('a parameter without a default chooses no class, and leads nowhere else', async () => {
      await using project = await openParamsProject({
        kedro,
        prepare: async ({ write }) =>
          write(
            'conf/base/catalog.yml',
            `placed:\n  type: ${usual}\n  filepath: data/\${runtime_params:place}.txt\n` +
              'elsewhere:\n  type: params.datasets.Opening\n  filepath: ${globals:elsewhere}/${globals:files.${runtime_params:place}, x}.txt\n' +
              `class:\n  type: \${runtime_params:kind, \${runtime_params:kinds.here, ${usual}}}\n  filepath: data/here.txt\n`,
          ),
      });
      const statusOf = async (params?: object): Promise<unknown> => {
        const { ended, opened } = await project.run('placed', params);
        return [ended.error?.type ?? ended.status, ...opened.map(({ kind }) => kind)];
      };
      expect(await statusOf({ place: 'here' })).toEqual(['succeeded', 'Opening']);
      expect(await statusOf()).toEqual(['InterpolationResolutionError']);
      expect(await statusOf({ place: 'link/canary' })).toEqual(['DatasetError']);
      expect(await statusOf({ place: 'here', kinds: { here: other } })).toEqual([
        'InterpolationResolutionError',
      ]);
    });

    test.skipIf(kedro === 'oldest')(
      'a loader of the project’s own is held to it by what it answers',
      async () => {
        await using project = await openParamsProject({
          kedro,
          prepare: async ({ write }) => {
            await write('src/params/loader.py', loader);
            await write(
              'src/params/settings.py',
              'from params.loader import OwnLoader\n\nCONFIG_LOADER_CLASS = OwnLoader\nCONFIG_LOADER_ARGS = {}\n',
            );
            await write(
              'conf/catalog.json',
              JSON.stringify({
                placed: { type: usual, filepath: 'data/<place>.txt' },
                class: { type: '<kind>', filepath: 'data/here.txt' },
              }),
            );
          },
        });
        const led = await project.run('placed', { place: 'link/canary' });
        expect(led).toMatchObject({ ended: { error: { type: 'DatasetError' } }, opened: [] });
        const chosen = await project.run('class', { kind: other });
        expect(chosen).toMatchObject({
          ended: { error: { type: 'InterpolationResolutionError' } },
          opened: [],
        });
        const { opened } = await project.run('placed', { place: 'there' });
        expect(opened).toEqual([{ kind: 'Opening', path: join(project.path, 'data/there.txt') }]);
      },
    );

    test('a loader that adds to Kedro’s is held to it, too', async () => {
      await using project = await openParamsProject({
        kedro,
        prepare: async ({ write }) =>
          write(
            'src/params/settings.py',
            `
from kedro.config import OmegaConfigLoader


class MoreLoader(OmegaConfigLoader):
    pass


CONFIG_LOADER_CLASS = MoreLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {"fail": lambda: 1 / 0},
    "merge_strategy": {"catalog": "soft"},
}
`,
          ),
      });
      const led = await project.run('placed', { place: 'link/canary' });
      expect(led).toMatchObject({ ended: { error: { type: 'DatasetError' } }, opened: [] });
      const { ended } = await project.run('describe', { text: '${fail:}' });
      expect(ended).toMatchObject({ status: 'succeeded' });
      expect(await project.kedro.readJson('parameters')).toMatchObject({ text: '${fail:}' });
    });

    test.skipIf(kedro === 'oldest')('nothing is imported because a runner is named', async () => {
      const canaryModule = "from pathlib import Path\n\nPath('data/imported').touch()\n";
      await using project = await openParamsProject({
        kedro,
        prepare: async ({ write }) => {
          await write('src/canary.py', canaryModule);
          for (const name of ['canary_package', 'params_too', 'kedro_runner', 'paramsx']) {
            await write(`src/${name}/__init__.py`, canaryModule);
            await write(`src/${name}/sub.py`, canaryModule);
          }
        },
      });
      for (const runner of [
        ...['canary.Runner', 'canary_package.Runner', 'canary_package.sub.Runner', 'canary.a.b'],
        ...['params_too.Runner', 'params_too.sub.Runner', 'paramsx.sub.Runner', 'kedro_runner.X'],
        ...['.canary.Runner', '..canary.Runner', 'params.', 'canary.', '.canary', '.', '..'],
        ...['params..canary.Runner', 'kedro.runner..canary.Runner', 'kedro.canary.Runner'],
        ...['params.pipeline_registry.json.JSONDecoder', 'kedro.runner.runner.importlib.Runner'],
        ...['kedro.runner.importlib', 'runner', 'Task', 'os', '__class__', 'kedro', 'canary'],
        ...['params/canary.Runner', 'kedro.runner/../canary.Runner', 'ｃanary.Runner', ' canary.X'],
      ]) {
        const { ended } = await project.run('placed', {}, { runner });
        expect(ended, runner).toMatchObject({ status: 'failed' });
        expect(existsSync(join(project.path, 'data/imported')), runner).toBe(false);
      }
    });
  },
);
