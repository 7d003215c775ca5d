import { type ParityCase, run, snapshot } from '../parity-case.ts';
import type { ProjectFiles } from '../project-copy.ts';

const numbers = 'numbers:\n  type: json.JSONDataset\n  filepath: data/numbers.json\n';

/** What is asked of a configuration, first without and then with parameters. */
const questions = [
  snapshot(),
  run({}),
  run({ runner: 'ThreadRunner', params: { factor: 5 } }),
  snapshot('params=factor=5'),
];

function conf(name: string, edit: ProjectFiles, more: ParityCase['steps'] = []): ParityCase {
  return { name, steps: [{ edit }, ...questions, ...more] };
}

/** Sent to one pair of servers on the project `plain`, whose configuration each case changes. */
export const configurationCases: readonly ParityCase[] = [
  conf('a catalog that is no YAML', { 'conf/base/catalog.yml': 'numbers:\n  type: [\n  x: "y\n' }),
  conf('a catalog with tabs', { 'conf/base/catalog.yml': 'numbers:\n\ttype: json.JSONDataset\n' }),
  conf('a catalog that is a list', { 'conf/base/catalog.yml': '- one\n- two\n' }),
  conf('a catalog that is a text', { 'conf/base/catalog.yml': 'just text\n' }),
  conf('a catalog that is no text', { 'conf/base/catalog.yml': 'numbers: "\u0000"\n' }),
  conf('an empty catalog', { 'conf/base/catalog.yml': '' }),
  conf('no catalog and no parameters', {
    'conf/base/catalog.yml': null,
    'conf/base/parameters.yml': null,
  }),
  conf('parameters that are a list', { 'conf/base/parameters.yml': '- 1\n' }),
  conf('parameters of every type', {
    'conf/base/parameters.yml':
      'factor: 2\n10: ten\n1.5: x\ntrue: y\n"": empty\n"a b": 1\nwhen: 2020-01-01\nbig: 1e400\n',
  }),
  conf('parameters in several files and formats', {
    'conf/base/parameters_more.yaml': 'more: 1\n',
    'conf/base/parameters_json.json': '{"from_json": 1.0}',
    'conf/base/parameters/deep/er.yml': 'deeper: [1, {a: 2}]\n',
    'conf/base/sub/parameters_sub.yml': 'sub: 1\n',
    'conf/base/.parameters_hidden.yml': 'hidden: 1\n',
    'conf/base/parameters.txt': 'text: 1\n',
    'conf/local/parameters.yml': 'factor: 4\nlocal: yes\n',
  }),
  conf('one key in two files', { 'conf/base/catalog_more.yml': numbers }),
  conf('one parameter in two files', { 'conf/base/parameters_more.yml': 'factor: 3\nx: 1\n' }),
  conf('one key twice in a file', { 'conf/base/parameters.yml': 'factor: 3\nfactor: 4\n' }),
  conf('one hidden key in two files', {
    'conf/base/catalog_a.yml': '_same: 1\n',
    'conf/base/catalog_b.yml': '_same: 2\n',
  }),
  conf('globals', {
    'conf/base/globals.yml': 'factor: 6\nfolder: data\n',
    'conf/local/globals.yml': 'factor: 7\n',
    'conf/base/parameters.yml': 'factor: ${globals:factor}\nother: ${globals:none, fallback}\n',
    'conf/base/catalog.yml':
      'numbers:\n  type: json.JSONDataset\n  filepath: ${globals:folder}/numbers.json\n',
  }),
  conf('a global that is not there', { 'conf/base/parameters.yml': 'factor: ${globals:nope}\n' }),
  conf('a global that is not there, in the catalog', {
    'conf/base/globals.yml': 'a: 1\n',
    'conf/base/catalog.yml': 'numbers:\n  type: json.JSONDataset\n  filepath: ${globals:nope}/x\n',
  }),
  conf('a global that starts with an underscore', {
    'conf/base/globals.yml': '_hidden: 1\n',
    'conf/base/parameters.yml': 'factor: ${globals:_hidden}\n',
  }),
  conf('an interpolation that goes nowhere', { 'conf/base/parameters.yml': 'factor: ${nope}\n' }),
  conf('an unknown resolver', { 'conf/base/parameters.yml': 'factor: ${nope:1}\n' }),
  conf('an interpolation that is not closed', { 'conf/base/parameters.yml': 'factor: ${x\n' }),
  conf('the environment in the parameters', {
    'conf/base/parameters.yml': 'factor: ${oc.env:PARITY_FACTOR}\n',
  }),
  conf('the environment in the credentials', {
    'conf/base/credentials.yml': 'login:\n  user: ${oc.env:PARITY_USER}\n',
    'conf/base/catalog.yml':
      'numbers:\n  type: json.JSONDataset\n  filepath: data/numbers.json\n  credentials: login\n',
  }),
  conf(
    'a runtime parameter without a default',
    { 'conf/base/parameters.yml': 'factor: ${runtime_params:given}\n' },
    [run({ params: { given: 6 } }), snapshot('params=given=6'), run({}), snapshot()],
  ),
  conf(
    'a runtime parameter in the globals',
    {
      'conf/base/globals.yml': 'factor: ${runtime_params:given, 1}\n',
      'conf/base/parameters.yml': 'factor: ${globals:factor}\n',
    },
    [run({ params: { given: 6 } }), snapshot('params=given=6')],
  ),
  conf(
    'a runtime parameter in a name',
    {
      'conf/base/catalog.yml': `${numbers}doubled:\n  type: json.JSONDataset\n  filepath: data/\${runtime_params:names.file, doubled}_\${.type}.json\n`,
    },
    [run({ params: { names: { file: 'twice' } } }), snapshot('params=names.file=twice')],
  ),
  conf(
    'a class chosen by a runtime parameter',
    {
      'conf/base/catalog.yml': `${numbers}doubled:\n  type: \${runtime_params:kind, json.JSONDataset}\n  filepath: data/doubled.json\n`,
    },
    [run({ params: { kind: 'pickle.PickleDataset' } })],
  ),
  conf(
    'a class chosen by a runtime parameter through the globals',
    {
      'conf/base/globals.yml': 'kind: ${runtime_params:kind, json.JSONDataset}\n',
      'conf/base/catalog.yml': `${numbers}doubled:\n  type: \${globals:kind}\n  filepath: data/doubled.json\n`,
    },
    [run({ params: { kind: 'pickle.PickleDataset' } }), snapshot('params=kind=text.TextDataset')],
  ),
  conf('no configuration at all', { conf: null }),
  conf('no local configuration', { 'conf/local': null }),
  conf('only a local configuration', {
    'conf/base': null,
    'conf/local/catalog.yml': numbers,
    'conf/local/parameters.yml': 'factor: 9\n',
  }),
  conf('a local configuration that is a file', { 'conf/local': 'a file\n' }),
  conf('an entry of an unknown class', {
    'conf/base/catalog_odd.yml': 'odd:\n  type: nowhere.NoDataset\n  filepath: x\n',
  }),
  conf('an entry of a class that is no dataset', {
    'conf/base/catalog_odd.yml': 'odd:\n  type: builtins.dict\n',
  }),
  conf('an entry without a class', { 'conf/base/catalog_odd.yml': 'odd:\n  filepath: data/x\n' }),
  conf('entries of odd kinds, and hidden ones', {
    'conf/base/catalog_odd.yml':
      '_hidden:\n  type: json.JSONDataset\n_text: just text\n_none: null\n',
  }),
  conf('an entry that is a text', { 'conf/base/catalog_odd.yml': 'odd: just text\n' }),
  conf('an entry that is null', { 'conf/base/catalog_odd.yml': 'odd: null\n' }),
  conf('an entry with unknown arguments', {
    'conf/base/catalog.yml': `${numbers}doubled:\n  type: json.JSONDataset\n  path: data/doubled.json\n`,
  }),
  {
    name: 'a path that is no path',
    steps: [
      {
        edit: {
          'conf/base/catalog.yml': `${numbers}doubled:\n  type: json.JSONDataset\n  filepath: [1, 2]\n`,
        },
      },
      run({}),
      run({ pipeline_names: ['factories'] }),
    ],
  },
  conf('a class that is null', { 'conf/base/catalog_odd.yml': 'odd:\n  type: null\n' }),
  conf('a path that is empty', {
    'conf/base/catalog_odd.yml': 'odd:\n  type: json.JSONDataset\n  filepath: ""\n',
  }),
  conf('a name that is a number', {
    'conf/base/catalog_odd.yml': '10:\n  type: json.JSONDataset\n  filepath: data/ten.json\n',
  }),
  conf('a path in a missing folder', {
    'conf/base/catalog.yml': `${numbers}doubled:\n  type: json.JSONDataset\n  filepath: data/a/b/doubled.json\n`,
  }),
  conf('parameters in the catalog', {
    'conf/base/catalog_odd.yml':
      'params:factor:\n  type: json.JSONDataset\n  filepath: data/x.json\n',
  }),
  conf('credentials that one entry does not know', {
    'conf/base/catalog_odd.yml':
      'secret:\n  type: json.JSONDataset\n  filepath: data/s.json\n  credentials: missing\n',
  }),
  conf(
    'credentials in addresses',
    {
      'conf/base/catalog_remote.yml': [
        'bucket:',
        '  type: json.JSONDataset',
        '  filepath: s3://AKIA123:wJalrXUtnFEMI@bucket/path/data.json',
        'web:',
        '  type: json.JSONDataset',
        '  filepath: https://ada:love%40lace@example.org:8443/data.json?token=abc',
        'plain_web:',
        '  type: json.JSONDataset',
        '  filepath: https://example.org/data.json?sig=a@b',
        'shared:',
        '  type: json.JSONDataset',
        '  filepath: abfss://container@account.dfs.core.windows.net/data.json',
        'odd:',
        '  type: json.JSONDataset',
        '  filepath: "sftp://user:p:a@ss@host:22/x@y"',
        '',
      ].join('\n'),
      'conf/base/credentials.yml': 'login:\n  token: hidden\n',
    },
    [run({ pipeline_names: ['bucket'] }), run({ pipeline_names: ['web'] })],
  ),
  conf(
    'dataset factories and a catch-all',
    {
      'conf/base/catalog.yml': [
        numbers,
        '"{name}_data":',
        '  type: json.JSONDataset',
        '  filepath: data/{name}.json',
        '"{space}.{name}_data":',
        '  type: json.JSONDataset',
        '  filepath: data/{space}/{name}.json',
        '"{rest}":',
        '  type: pickle.PickleDataset',
        '  filepath: data/{rest}.pkl',
        '',
      ].join('\n'),
    },
    [
      run({ pipeline_names: ['factories'] }),
      run({ pipeline_names: ['factories'], is_async: true }),
    ],
  ),
  conf(
    'factories with an unknown placeholder',
    {
      'conf/base/catalog.yml': `${numbers}"{name}_data":\n  type: json.JSONDataset\n  filepath: data/{other}.json\n`,
    },
    [run({ pipeline_names: ['factories'] })],
  ),
  conf(
    'two catch-alls',
    {
      'conf/base/catalog.yml': `${numbers}"{a}":\n  type: json.JSONDataset\n  filepath: data/{a}.json\n"{b}":\n  type: json.JSONDataset\n  filepath: data/{b}.json\n`,
    },
    [run({ pipeline_names: ['factories'] })],
  ),
  conf(
    'versioned factories',
    {
      'conf/base/catalog.yml': `${numbers}"{name}_data":\n  type: json.JSONDataset\n  filepath: data/{name}.json\n  versioned: true\n`,
    },
    [run({ pipeline_names: ['factories'] }), run({ pipeline_names: ['factories'] })],
  ),
  {
    name: 'edits that keep the size',
    steps: [3, 4, 5, 6].flatMap((factor) => [
      { edit: { 'conf/base/parameters.yml': `factor: ${factor}\n` } },
      run({}),
      snapshot(),
    ]),
  },
  {
    name: 'edits that keep the size and the time',
    steps: [
      run({}),
      snapshot(),
      { edit: { 'conf/base/parameters.yml': 'factor: 7\n' }, keepTimes: true },
      run({}),
      { edit: { 'conf/base/parameters.yml': 'fector: 7\n' }, keepTimes: true },
      run({}),
      snapshot(),
    ],
  },
  {
    name: 'a file that comes, changes its name and goes',
    steps: [
      { edit: { 'conf/local/parameters.yml': 'factor: 3\nmine: 1\n' } },
      run({}),
      snapshot(),
      {
        edit: {
          'conf/local/parameters.yml': null,
          'conf/local/parameters_mine.yml': 'factor: 3\nmine: 1\n',
        },
      },
      run({}),
      snapshot(),
      { edit: { 'conf/local/parameters_mine.yml': null } },
      run({}),
      snapshot(),
    ],
  },
];
