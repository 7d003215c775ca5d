import { type DeviatingCase, run, snapshot } from '../parity-case.ts';
import { type Deviation, deviates, failure, snapshotFailure, succeeded } from './deviation.ts';

/** A run that has `text` as a parameter. */
function echoes(text: string, type: string, message: string): DeviatingCase {
  return deviates(
    text,
    run({ pipeline_names: ['echo'], params: { text } }),
    succeeded,
    failure(type, `${message}\n    full_key: text\n    object_type=dict`),
  );
}

function classRefused(dataset: string, parameter: string): string {
  return snapshotFailure(
    'InterpolationResolutionError',
    `Dataset '${dataset}' resolves a 'type' field via the 'runtime_params:' resolver to 'text.TextDataset', which is not permitted. Runtime parameters must not select which dataset class is instantiated, at any nesting depth. Leave the runtime parameter '${parameter}' out, or have the catalog alone say 'type'.`,
  );
}

/** What `params` may not do. */
export const paramDeviations: readonly Deviation[] = [
  {
    when: 'Text in `params` that is written like an interpolation (`${…}`) or like a missing value (`???`)',
    ours: 'it is text, and reaches nodes and catalog as it was sent, unless `--trust-params`',
    reason: 'Whoever may start a run is not to read the configuration, or to call its resolvers.',
    cases: [
      echoes(
        '${oc.env:HOME}',
        'UnsupportedInterpolationType',
        'Unsupported interpolation type oc.env',
      ),
      echoes(
        '${runtime_params:threshold}',
        'InterpolationResolutionError',
        "Runtime parameter 'threshold' not found and no default value provided.",
      ),
      echoes('${', 'GrammarParseError', "no viable alternative at input '${'"),
      deviates(
        '${globals:folder} in a path',
        snapshot('params=place=${globals:folder}'),
        /^200 .*"data\/placed\/\$\{globals:folder\}\.json"/,
        /^200 .*"data\/placed\/data\.json"/,
      ),
      deviates(
        '${place} in itself',
        snapshot('params=place=${place}'),
        /^200 .*"data\/placed\/\$\{place\}\.json"/,
        snapshotFailure(
          'InterpolationResolutionError',
          'Recursive interpolation detected\n    full_key: place\n    object_type=dict',
        ),
      ),
    ],
    projects: [
      {
        project: {
          base: 'plain',
          files: {
            'src/plain/settings.py':
              'CONFIG_LOADER_ARGS = {\n    "base_env": "base",\n    "default_run_env": "local",\n    "custom_resolvers": {"fail": lambda: 1 / 0},\n}\n',
          },
        },
        cases: [
          deviates(
            'a resolver of the project',
            run({ params: { text: '${fail:}' } }),
            succeeded,
            failure(
              'InterpolationResolutionError',
              'ZeroDivisionError raised while resolving interpolation: division by zero\n    full_key: text\n    object_type=dict',
            ),
          ),
        ],
      },
    ],
  },
  {
    when: '`params` that choose what code a dataset is: its class by more than `${runtime_params:…}` in `type`, by another entry or a whole one, as text in `dataset`, its `backend`; in `/snapshot`, also by that',
    ours: "the failure that Kedro's server has for `${runtime_params:…}` in `type`, unless `--trust-params`",
    reason: 'Whoever may start a run is not to choose which code runs.',
    projects: [
      {
        project: {
          base: 'plain',
          files: {
            'conf/base/catalog.yml': `_kinds:
  json: {type: json.JSONDataset, filepath: data/doubled.json}
  text: {type: text.TextDataset, filepath: data/doubled.json}
numbers:
  type: json.JSONDataset
  filepath: data/numbers.json
doubled: \${_kinds.\${runtime_params:kind, json}}
total:
  type: \${runtime_params:class, json.JSONDataset}
  filepath: data/total.json
`,
          },
        },
        cases: [
          deviates(
            'another entry',
            snapshot('params=kind=text'),
            classRefused('doubled', 'kind'),
            /^200 \{"status":"success".*"type":"text\.TextDataset"/,
          ),
          deviates(
            'the class, in the snapshot',
            snapshot('params=class=text.TextDataset'),
            classRefused('total', 'class'),
            /^200 \{"status":"success".*"type":"text\.TextDataset"/,
          ),
        ],
      },
    ],
  },
  {
    when: '`params` that lead a dataset elsewhere: out of the project by `..`, a root or a link, to a URL, to another host; or that bring braces into a dataset factory',
    ours: 'a failure that names the dataset and the parameter; `--param-roots` lists more places, and `--trust-params` allows all',
    reason: 'Whoever may start a run is not to read and write where the configuration does not.',
    cases: [
      deviates(
        'out of the project',
        snapshot('params=place=../../../there'),
        /^200 \{"status":"failure","error":\{"type":"DatasetError","message":"The runtime parameter 'place' may not lead 'filepath' of the dataset 'placed' to 'data\/placed\/\.\.\/\.\.\/\.\.\/there\.json'/,
        /^200 \{"status":"success".*"filepath":"data\/placed\/\.\.\/\.\.\/\.\.\/there\.json"/,
      ),
    ],
  },
];
