import { fileURLToPath } from 'node:url';

import { type ParityCase, run, runs, sends, snapshot } from '../parity-case.ts';
import type { ProjectFiles, ProjectSource } from '../project-copy.ts';
import type { PairOptions } from '../server-pair.ts';

/** A project with something special, how the servers are started on it, and what they are sent. */
export interface ProjectCase {
  readonly name: string;
  readonly project: ProjectSource;
  readonly options?: Partial<Pick<PairOptions, 'kedroEnv' | 'confFolder' | 'variables'>>;
  readonly cases: readonly ParityCase[];
}

const look = sends('the snapshot', snapshot());
const lookAndRun: readonly ParityCase[] = [
  look,
  runs('a run', {}),
  runs('a run again', { runner: 'ThreadRunner' }),
  sends('the snapshot again', snapshot('params=factor=5')),
];

function plain(files: ProjectFiles): ProjectSource {
  return { base: 'plain', files };
}

const numbers = 'numbers:\n  type: json.JSONDataset\n  filepath: data/numbers.json\n';

const withNone = `
from kedro.pipeline import Node, Pipeline

from plain.nodes import total


def register_pipelines():
    return {
        "none": None,
        "__default__": Pipeline([Node(total, "numbers", "total")]),
        "other": None,
    }
`;

const registries: readonly ProjectCase[] = [
  {
    name: 'a registry without pipelines',
    project: plain({
      'src/plain/pipeline_registry.py': 'def register_pipelines():\n    return {}\n',
    }),
    cases: [...lookAndRun, runs('a named pipeline', { pipeline_names: ['x'] })],
  },
  {
    name: 'pipelines that are None, and no default one',
    project: plain({
      'src/plain/pipeline_registry.py': withNone.replace('"__default__"', '"only"'),
    }),
    cases: [
      ...lookAndRun,
      runs('the only one', { pipeline_names: ['only'] }),
      runs('one that is None', { pipeline_names: ['none'] }),
      runs('one that is None, after another', { pipeline_names: ['only', 'other'] }),
    ],
  },
];

const starts: readonly ProjectCase[] = [
  {
    name: 'an environment that was given',
    project: { base: 'probe' },
    options: { kedroEnv: 'staging' },
    cases: [look, runs('a run', { pipeline_names: ['chain', 'echo'] })],
  },
  {
    name: 'an environment that does not exist',
    project: { base: 'plain' },
    options: { kedroEnv: 'nowhere' },
    cases: lookAndRun,
  },
  {
    name: 'an environment with a forbidden name',
    project: plain({ 'conf/a b/parameters.yml': 'factor: 5\n' }),
    options: { kedroEnv: 'a b' },
    cases: lookAndRun,
  },
  {
    name: 'KEDRO_ENV counts for runs, not for the snapshot',
    project: {
      base: 'probe',
      files: { 'conf/staging/catalog_staging.yml': numbers.replace('numbers:', 'staged:') },
    },
    options: { variables: { KEDRO_ENV: 'staging' } },
    cases: [look, runs('a run', { pipeline_names: ['chain', 'echo', 'surroundings'] })],
  },
  {
    name: 'a configuration folder that was given',
    project: plain({
      'settings/base/parameters.yml': 'factor: 11\nelse: 1\n',
      'settings/base/catalog.yml': numbers,
      'settings/local/parameters.yml': 'factor: 12\n',
    }),
    options: { confFolder: 'settings' },
    cases: lookAndRun,
  },
  {
    name: 'a start without any configuration',
    project: plain({ conf: null }),
    cases: [
      ...lookAndRun,
      {
        name: 'configuration that is then written',
        steps: [
          { edit: { 'conf/base/catalog.yml': numbers, 'conf/base/parameters.yml': 'factor: 3\n' } },
          run({}),
          { edit: { 'conf/local/parameters.yml': 'factor: 4\n' } },
          run({}),
          snapshot(),
        ],
      },
    ],
  },
  {
    name: 'a start on a catalog that is no YAML',
    project: plain({ 'conf/base/catalog.yml': 'numbers: [\n' }),
    cases: [
      ...lookAndRun,
      {
        name: 'the catalog is then mended',
        steps: [{ edit: { 'conf/base/catalog.yml': numbers } }, run({}), snapshot()],
      },
    ],
  },
  {
    name: 'a log file of the project',
    project: {
      base: 'probe',
      files: {
        'conf/logging.yml': `
version: 1
disable_existing_loggers: false
formatters:
  short:
    format: "%(levelname)s %(name)s %(message)s"
handlers:
  file:
    class: logging.FileHandler
    filename: data/probe.log
    delay: true
    formatter: short
loggers:
  probe:
    level: INFO
    handlers: [file]
`,
      },
    },
    cases: [runs('a run that logs', { pipeline_names: ['chatter'] })],
  },
];

const ownLoader = `
from pathlib import Path

from kedro.config import OmegaConfigLoader


class OwnLoader(OmegaConfigLoader):
    def __getitem__(self, key):
        found = super().__getitem__(key)
        if key == "catalog":
            extra = Path(self.conf_source).parent / "data" / "extra.txt"
            name = extra.read_text() if extra.exists() else "nothing"
            entry = {"type": "json.JSONDataset", "filepath": f"data/{name}.json"}
            found = {**found, "doubled": entry, name: entry}
        return found


CONFIG_LOADER_CLASS = OwnLoader
`;

const ownSettings = `
from kedro.framework.context import KedroContext
from kedro.io import DataCatalog

from probe.hooks import SpyHooks


class OwnContext(KedroContext):
    @property
    def params(self):
        return {**super().params, "of_the_context": True}


class OwnCatalog(DataCatalog):
    """A catalog of the project's own."""


calls = []


def count():
    calls.append(1)
    return len(calls) > 0


HOOKS = (SpyHooks(),)
CONTEXT_CLASS = OwnContext
DATA_CATALOG_CLASS = OwnCatalog
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {"count": count, "add": lambda *parts: sum(parts)},
}
RUNNER_MODULE_ALLOWLIST = ["", "allowed_runners.", "other_runners"]
`;

const settingsCases: readonly ProjectCase[] = [
  {
    name: 'settings with classes and resolvers of their own',
    project: {
      base: 'probe',
      files: {
        'src/probe/settings.py': ownSettings,
        // One file: Kedro reads those of one kind in no fixed order, and keeps the order of keys.
        'conf/base/parameters.yml':
          'factor: 2\nsum: ${add:1,2}\ncounted: ${count:}\nmixed: ${add:${sum},1}\n',
      },
    },
    cases: [
      look,
      runs('a run', { pipeline_names: ['chain', 'echo'] }),
      runs('a run with parameters', { pipeline_names: ['echo'], params: { sum: 5 } }),
      runs('runner other_runners.OtherRunner', { runner: 'other_runners.OtherRunner' }),
      runs('runner allowed_runners.AllowedRunner', { runner: 'allowed_runners.AllowedRunner' }),
      runs('runner os.system', { runner: 'os.system' }),
    ],
  },
  {
    name: 'a configuration loader of its own, which reads more than the configuration',
    project: plain({ 'src/plain/settings.py': ownLoader }),
    cases: [
      look,
      {
        name: 'what it reads changes',
        steps: ['first', 'second'].flatMap((name) => [
          { edit: { 'data/extra.txt': name } },
          snapshot(),
          run({}),
          run({ params: { factor: 3 } }),
          snapshot('params=factor=3'),
        ]),
      },
    ],
  },
  {
    name: 'pipelines that Kedro finds, one of them broken',
    project: plain({
      'src/plain/pipeline_registry.py': `
from kedro.framework.project import find_pipelines


def register_pipelines():
    pipelines = find_pipelines()
    pipelines["__default__"] = sum(pipelines.values())
    return pipelines
`,
      'src/plain/pipelines/__init__.py': '',
      'src/plain/pipelines/first/__init__.py': 'from .pipeline import create_pipeline\n',
      'src/plain/pipelines/first/pipeline.py': `
from kedro.pipeline import Node, Pipeline

from plain.nodes import double


def create_pipeline(**kwargs):
    return Pipeline(
        [Node(double, ["numbers", "params:factor"], "doubled")],
        namespace="first",
        inputs="numbers",
        parameters="params:factor",
    )
`,
      'src/plain/pipelines/second/__init__.py': 'raise RuntimeError("not today")\n',
      'src/plain/pipelines/third/__init__.py': '',
    }),
    cases: [...lookAndRun, runs('a broken one', { pipeline_names: ['second'] })],
  },
  {
    name: 'sources in another folder',
    project: plain({
      src: null,
      'pyproject.toml':
        '[tool.kedro]\npackage_name = "moved"\nproject_name = "Moved"\nkedro_init_version = "1.7.0"\nsource_dir = "code"\n',
      'code/moved/__init__.py': '',
      'code/moved/settings.py': '',
      'code/moved/pipeline_registry.py': `
from kedro.pipeline import Node, Pipeline


def register_pipelines():
    return {"__default__": Pipeline([Node(len, "numbers", "total", tags=["b", "a"])])}
`,
    }),
    cases: lookAndRun,
  },
  {
    name: 'settings of the configuration loader',
    project: plain({
      conf: null,
      'where/here/catalog.yml': numbers,
      'where/here/parameters.yml': 'factor: 11\nsame: ${globals:same}\nnested: {a: 1, b: 2}\n',
      'where/here/shared.yml': 'same: yes\n',
      'where/mine/parameters.yml': 'factor: 12\nnested: {b: 3}\n',
      'src/plain/settings.py': `CONF_SOURCE = "where"
CONFIG_LOADER_ARGS = {
    "base_env": "here",
    "default_run_env": "mine",
    "config_patterns": {"globals": ["shared*"]},
    "merge_strategy": {"parameters": "soft"},
}
`,
    }),
    cases: lookAndRun,
  },
];

const meddlingHooks = `
from kedro.framework.hooks import hook_impl


class MeddlingHooks:
    def _raise(self, context_params, place):
        if context_params.get("raise_in") == place:
            raise LookupError(f"raised in {place}")

    @hook_impl
    def after_context_created(self, context):
        self.params = dict(context.params)
        self._raise(self.params, "after_context_created")
        context.config_loader["parameters"]["nested"]["a"] += 1
        context.config_loader["catalog"]["numbers"]["filepath"] = "data/other.json"
        context.config_loader["catalog"].pop("joined", None)

    @hook_impl
    def after_catalog_created(self, catalog, conf_catalog, conf_creds, parameters):
        self._raise(self.params, "after_catalog_created")
        conf_catalog.clear()
        conf_creds["leaked"] = True
        parameters["nested"]["b"]["d"].append("leaked")
        parameters["leaked"] = True

    @hook_impl
    def before_pipeline_run(self, run_params, pipeline, catalog):
        self._raise(self.params, "before_pipeline_run")
        if run_params["runtime_params"]:
            run_params["runtime_params"]["leaked"] = True

    @hook_impl
    def before_node_run(self, node, inputs):
        self._raise(self.params, "before_node_run")
        if node.name == "double":
            return {"numbers": [*inputs["numbers"], 100]}

    @hook_impl
    def before_dataset_loaded(self, dataset_name):
        self._raise(self.params, "before_dataset_loaded")

    @hook_impl
    def after_dataset_saved(self, dataset_name):
        self._raise(self.params, "after_dataset_saved")

    @hook_impl
    def after_node_run(self, node):
        self._raise(self.params, "after_node_run")

    @hook_impl
    def on_node_error(self, error):
        self._raise(self.params, "on_node_error")

    @hook_impl
    def on_pipeline_error(self, error):
        self._raise(self.params, "on_pipeline_error")

    @hook_impl
    def after_pipeline_run(self, run_params):
        self._raise(self.params, "after_pipeline_run")
`;

const places = [
  ...['after_context_created', 'after_catalog_created', 'before_pipeline_run', 'before_node_run'],
  ...['before_dataset_loaded', 'after_dataset_saved', 'after_node_run', 'after_pipeline_run'],
];

const hookCases: readonly ProjectCase[] = [
  {
    name: 'hooks that change what they get, and hooks that raise',
    project: {
      base: 'probe',
      files: {
        'src/probe/meddling.py': meddlingHooks,
        'src/probe/settings.py':
          'from probe.hooks import SpyHooks\nfrom probe.meddling import MeddlingHooks\n\nHOOKS = (SpyHooks(), MeddlingHooks())\n',
        'data/other.json': '[10, 20]',
      },
    },
    cases: [
      runs('a run', { pipeline_names: ['chain', 'echo', 'parts'] }),
      runs('the same run again', { pipeline_names: ['chain', 'echo', 'parts'] }),
      runs('a run with parameters', {
        pipeline_names: ['echo'],
        params: { nested: { b: { d: [1] } } },
      }),
      runs('ThreadRunner', { pipeline_names: ['chain', 'echo'], runner: 'ThreadRunner' }),
      runs('ParallelRunner', { pipeline_names: ['chain'], runner: 'ParallelRunner' }),
      look,
      ...places.flatMap((place) => [
        runs(`raised in ${place}`, { pipeline_names: ['chain'], params: { raise_in: place } }),
      ]),
      ...['on_node_error', 'on_pipeline_error'].map((place) =>
        runs(`raised in ${place}`, {
          pipeline_names: ['faults'],
          params: { raise_in: place, fault: 'value' },
        }),
      ),
      runs('after all that', { pipeline_names: ['chain', 'echo'] }),
    ],
  },
  {
    name: 'one session for all runs',
    project: plain({
      'src/plain/hooks.py': `
from pathlib import Path

from kedro.framework.hooks import hook_impl


class SessionHooks:
    @hook_impl
    def before_pipeline_run(self, run_params):
        Path(f"data/session-{run_params['session_id']}").touch()
`,
      'src/plain/settings.py':
        'from plain.hooks import SessionHooks\n\nHOOKS = (SessionHooks(),)\n',
    }),
    // Modules that cannot be imported are tried again by each run, which threads do badly.
    options: { variables: { PYTHONPATH: '' } },
    cases: [
      {
        name: 'runs at the same time',
        steps: [
          run({ pipeline_names: ['memory'] }),
          { together: Array.from({ length: 8 }, () => run({ pipeline_names: ['memory'] })) },
          { together: Array.from({ length: 8 }, () => run({ pipeline_names: ['memory'] })) },
        ],
      },
    ],
  },
];

const vegaData = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data', import.meta.url),
);

/** The example, which needs pandas and scikit-learn. */
export const flightsCase: ProjectCase = {
  name: 'the flights example',
  project: {
    base: 'flights',
    files: { 'conf/local/globals.yml': `source: ${vegaData}\nflights: 2k\n` },
  },
  cases: [
    look,
    runs('a run', {}),
    sends('a snapshot of other flights', snapshot('params=flights=5k')),
    runs('a run on other flights', { params: { flights: '5k' }, pipeline_names: ['models'] }),
    runs('ThreadRunner', { runner: 'ThreadRunner' }),
    runs('ParallelRunner', { runner: 'ParallelRunner' }),
    runs('one namespace', { pipeline_names: ['clock'], namespaces: ['clock_model'] }),
    runs('to one output', {
      to_outputs: ['report.summary'],
      params: { report: { airports_shown: 2 } },
    }),
    runs('flights that are not there', { params: { flights: '6k' } }),
    runs('flights without airports', { params: { flights: '200k' }, tags: ['nope'] }),
    {
      name: 'what is missing after a run',
      steps: [run({ pipeline_names: ['clock'] }), run({ only_missing_outputs: true })],
    },
  ],
};

export const projectCases: readonly ProjectCase[] = [
  ...registries,
  ...starts,
  ...settingsCases,
  ...hookCases,
];
