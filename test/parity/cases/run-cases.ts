import { type ParityCase, run, runs, snapshot } from '../parity-case.ts';

const filters: readonly (readonly [string, object])[] = [
  ['the default pipeline', {}],
  ['one pipeline', { pipeline_names: ['chain'] }],
  ['two pipelines', { pipeline_names: ['chain', 'echo'] }],
  ['overlapping pipelines', { pipeline_names: ['tree', '__default__', 'chain'] }],
  ['a pipeline twice', { pipeline_names: ['chain', 'chain'] }],
  ['no pipeline', { pipeline_names: [] }],
  ['an empty pipeline', { pipeline_names: ['empty'] }],
  ['an unknown pipeline', { pipeline_names: ['chian'] }],
  ['an unknown pipeline like nothing', { pipeline_names: ['zzzzzz'] }],
  ['a known and an unknown pipeline', { pipeline_names: ['chain', 'tre'] }],
  ['a pipeline with an empty name', { pipeline_names: [''] }],
  ['a pipeline with a strange name', { pipeline_names: ['../größe\n"x" 😀'] }],
  ['a tag', { tags: ['ending'] }],
  ['two tags', { tags: ['even', 'scaling'] }],
  ['an unknown tag', { tags: ['nope'] }],
  ['no tags', { tags: [], pipeline_names: ['chain'] }],
  ['a tag twice', { tags: ['even', 'even'] }],
  ['nodes', { node_names: ['double', 'total'] }],
  ['a node of a namespace', { node_names: ['left.scale'] }],
  ['an unknown node', { node_names: ['doubel'] }],
  ['unknown nodes', { node_names: ['b', 'a', 'double'] }],
  ['no nodes', { node_names: [], pipeline_names: ['chain'] }],
  ['from a node', { from_nodes: ['total'], pipeline_names: ['chain'] }],
  ['to a node', { to_nodes: ['double'], pipeline_names: ['chain'] }],
  ['from and to a node', { from_nodes: ['left.scale'], to_nodes: ['left.sum'] }],
  ['from an unknown node', { from_nodes: ['nope'] }],
  ['to an unknown node', { to_nodes: ['nope', 'neither'] }],
  ['from nodes, an empty list', { from_nodes: [], pipeline_names: ['chain'] }],
  ['to nodes, an empty list', { to_nodes: [], pipeline_names: ['chain'] }],
  ['from an input', { from_inputs: ['doubled'], pipeline_names: ['chain'] }],
  ['from a parameter', { from_inputs: ['params:factor'], pipeline_names: ['chain'] }],
  ['from an unknown input', { from_inputs: ['nope'] }],
  ['from inputs, an empty list', { from_inputs: [], pipeline_names: ['chain'] }],
  ['to an output', { to_outputs: ['doubled'] }],
  ['to an unknown output', { to_outputs: ['nope'] }],
  ['to outputs, an empty list', { to_outputs: [], pipeline_names: ['chain'] }],
  [
    'from an input that is another pipeline’s',
    { from_inputs: ['left.scaled'], pipeline_names: ['chain'] },
  ],
  ['a namespace', { namespaces: ['left'] }],
  ['a nested namespace', { namespaces: ['right.inner'] }],
  ['the outer namespace', { namespaces: ['right'] }],
  ['two namespaces', { namespaces: ['left', 'right'] }],
  ['an unknown namespace', { namespaces: ['up'] }],
  ['no namespaces', { namespaces: [], pipeline_names: ['chain'] }],
  ['part of a namespace’s name', { namespaces: ['lef'] }],
  [
    'filters together',
    {
      pipeline_names: ['tree'],
      tags: ['ending'],
      to_outputs: ['left.sum'],
      from_nodes: ['left.scale'],
    },
  ],
  [
    'filters that leave nothing',
    { pipeline_names: ['chain'], tags: ['even'], from_nodes: ['total'] },
  ],
  ['every filter as null', nulls()],
  [
    'lists of every kind',
    {
      from_inputs: ['numbers'],
      to_outputs: ['total'],
      from_nodes: ['double'],
      to_nodes: ['total'],
      node_names: ['double', 'total'],
      tags: ['even', 'arith'],
      pipeline_names: ['chain'],
    },
  ],
  ['an input that is only in memory', { pipeline_names: ['memory'], from_nodes: ['swallow'] }],
  [
    'a transcoded dataset as input',
    { pipeline_names: ['transcoded'], from_inputs: ['table@json'] },
  ],
  [
    'a transcoded dataset without its format',
    { pipeline_names: ['transcoded'], to_outputs: ['table'] },
  ],
];

function nulls(): object {
  const names = [
    'from_inputs',
    'to_outputs',
    'from_nodes',
    'to_nodes',
    'node_names',
    'tags',
    'namespaces',
  ];
  const others = ['pipeline_names', 'runner', 'load_versions', 'params'];
  return Object.fromEntries([...names, ...others].map((name) => [name, null]));
}

const runners = [
  ...['SequentialRunner', 'ThreadRunner', 'ParallelRunner', 'kedro.runner.SequentialRunner'],
  ...[
    'kedro.runner.thread_runner.ThreadRunner',
    'probe.runners.OwnRunner',
    'probe.runners.LoudRunner',
  ],
  ...['allowed_runners.AllowedRunner', 'other_runners.OtherRunner', 'probe_runners.OtherRunner'],
  ...['probe.runners.NoRunner', 'probe.runners.runner_function', 'probe.runners.runner_instance'],
  ...[
    'probe.runners.Missing',
    'probe.missing.Runner',
    'probe.broken_runners.Runner',
    'probe.runners.FussyRunner',
  ],
  ...[
    'AbstractRunner',
    'NoSuchRunner',
    'Task',
    'kedro.runner.NoSuchRunner',
    'kedro.runner',
    'kedro.runners.X',
  ],
  ...[
    'os.system',
    'subprocess.Popen',
    'builtins.dict',
    'sequentialrunner',
    '__doc__',
    'runner',
    'probe',
    'probe.runners',
  ],
  ...[
    'probe.settings.SpyHooks',
    'probe.runners.SequentialRunner',
    'allowed_runners',
    'allowed_runners.os.path',
  ],
];

/** JSON texts of `params`, which reach the nodes as Python reads them. */
const params = [
  '{}',
  '{"factor": 3}',
  '{"factor": 3.0}',
  '{"factor": 1e2}',
  '{"factor": -0.0}',
  '{"factor": -0}',
  '{"factor": 12345678901234567890}',
  '{"factor": -98765432109876543210.5}',
  '{"factor": 1E400}',
  '{"factor": true}',
  '{"factor": null}',
  '{"factor": "3"}',
  '{"factor": [1, 2]}',
  '{"numbers": [1, 1.0, 1e0, 10E-1, 0.1, 1e-7, 123456789.123456789, 9007199254740993, 1e16, 1e22, 5e-324, 2.5e-5]}',
  '{"nested": {"b": {"c": "other"}}}',
  '{"nested": {"a": {"new": 1}, "z": [[], {}, [[1, [2.0]]]]}}',
  '{"nested": null}',
  '{"nested": 5}',
  '{"nested": {"b": {"d": []}}}',
  '{"new": {"deep": {"er": {"est": [null, true, false]}}}}',
  '{"text": "é \\u00e9 \\ud83d\\ude00 \\u0000 \\u2028 \\n \\" \\\\ / \\u007f"}',
  '{"text": ["", " ", "null", "true", "1.0", "~", "[]", "{}", "yes", "0x10", "1_000", "2020-01-01", "a: b", "# no"]}',
  '{"a.b": 1, "a": {"b": 2}, "": 3, " ": 4, "0": 5, "true": 6, "$": 7, "params:x": 8, "a b": 9}',
  '{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}, "toString": "x"}',
  '{"b": 1, "a": 2, "10": 3, "9": 4}',
  '{"a": 1, "b": 2, "a": 3}',
  '{"threshold": 7}',
  '{"threshold": {"x": [1.0]}}',
  '{"threshold": "7"}',
  '{"threshold": ""}',
  '{"threshold": null}',
  '{"place": "there"}',
  '{"text": "???"}',
  '{"${greeting}": 1}',
  '{"greeting": "changed"}',
  '{"globals": {"greeting": "changed"}}',
  '{"x": NaN, "y": Infinity, "z": -Infinity}',
  '{"text": "\\ud800", "\\udc00b": ["\\udfff\\ud83d"]}',
  `{"deep": ${'['.repeat(40)}${']'.repeat(40)}}`,
  `{"digits": ${'7'.repeat(4300)}}`,
  `{"wide": [${Array.from({ length: 500 }, (_, index) => index).join(', ')}]}`,
  `{"long": "${'é'.repeat(20_000)}"}`,
];

const faults = [
  ...[
    'value',
    'nested',
    'chained',
    'local',
    'key',
    'empty',
    'several',
    'multiline',
    'unicode',
    'long',
    'quotes',
  ],
  ...[
    'url',
    'urls',
    'token',
    'odd urls',
    'group',
    'recursion',
    'stop',
    'dataset',
    'memory',
    'os',
    'decode',
    'syntax',
  ],
  ...['assertion', 'import', 'none', 'set', 'textless', 'unheard of'],
];

const others: readonly ParityCase[] = [
  ...['nested', 'url', 'group', 'multiline', 'set'].flatMap((fault) => [
    runs(`the fault "${fault}" under ThreadRunner`, failing(fault, { runner: 'ThreadRunner' })),
    runs(`the fault "${fault}" with is_async`, failing(fault, { is_async: true })),
  ]),
  runs('the fault "nested" under ParallelRunner', failing('nested', { runner: 'ParallelRunner' })),
  runs('the fault "url" under ParallelRunner', failing('url', { runner: 'ParallelRunner' })),
  runs('half a surrogate pair as a tag', '{"tags": ["\\ud800"]}'),
  runs('half a surrogate pair as a node', '{"node_names": ["\\ud800"]}'),
  runs(
    'half a surrogate pair as a version',
    '{"pipeline_names": ["recall"], "load_versions": {"history": "\\ud800"}}',
  ),
  runs(
    'half a surrogate pair in a path',
    '{"pipeline_names": ["placed"], "params": {"place": "\\ud800"}}',
  ),
  runs('a zero byte in a path', '{"pipeline_names": ["placed"], "params": {"place": "a\\u0000b"}}'),
  runs('folders in a path', { pipeline_names: ['placed'], params: { place: 'a/b/c' } }),
  runs('a missing file', { pipeline_names: ['absent'] }),
  runs('a dataset that no one registered', { pipeline_names: ['unregistered'] }),
  runs('datasets in memory', { pipeline_names: ['memory'] }),
  runs('a node that yields', { pipeline_names: ['streamed'] }),
  runs('transcoded datasets', { pipeline_names: ['transcoded'] }),
  runs('parts of the parameters', { pipeline_names: ['parts'] }),
  runs('nodes of every shape', { pipeline_names: ['shapes'] }),
  runs('nodes of every shape under ParallelRunner', {
    pipeline_names: ['shapes'],
    runner: 'ParallelRunner',
  }),
  runs('a node with a strange name', {
    pipeline_names: ['shapes'],
    node_names: ['deep.er.grösse.2'],
  }),
  runs('a dataset with credentials', { pipeline_names: ['guarded'] }),
  runs('what surrounds a node', { pipeline_names: ['surroundings'] }),
  runs('what surrounds a node under ThreadRunner', {
    pipeline_names: ['surroundings'],
    runner: 'ThreadRunner',
  }),
  runs('what surrounds a node under ParallelRunner', {
    pipeline_names: ['surroundings'],
    runner: 'ParallelRunner',
  }),
  runs('a node that prints', { pipeline_names: ['chatter'] }),
  runs('is_async', { is_async: true }),
  runs('is_async as text', { is_async: 'yes', pipeline_names: ['chain'] }),
  runs('is_async under ThreadRunner', { is_async: true, runner: 'ThreadRunner' }),
  runs('is_async under ParallelRunner', { is_async: true, runner: 'ParallelRunner' }),
  runs('ThreadRunner on a tree', { pipeline_names: ['tree'], runner: 'ThreadRunner' }),
  runs('missing outputs, all missing', { only_missing_outputs: true, pipeline_names: ['chain'] }),
  runs('missing outputs of an unknown pipeline', {
    only_missing_outputs: true,
    pipeline_names: ['x'],
  }),
  {
    name: 'missing outputs, none missing',
    steps: [
      run({ pipeline_names: ['chain'] }),
      run({ pipeline_names: ['chain'], only_missing_outputs: true, params: { factor: 9 } }),
    ],
  },
  {
    name: 'missing outputs, one missing',
    steps: [
      run({ pipeline_names: ['chain'] }),
      { edit: { 'data/doubled.json': null, 'data/total.json': null } },
      run({ pipeline_names: ['chain'], only_missing_outputs: true, params: { factor: 9 } }),
    ],
  },
  {
    name: 'missing outputs in a tree, under ThreadRunner',
    steps: [
      run({ pipeline_names: ['tree'], namespaces: ['left'] }),
      run({
        pipeline_names: ['tree'],
        only_missing_outputs: true,
        runner: 'ThreadRunner',
        params: { factor: 5 },
      }),
    ],
  },
  { name: 'a versioned dataset', steps: [run({ pipeline_names: ['history'] })] },
  {
    name: 'two versions, each under its run’s id',
    steps: [
      run({ pipeline_names: ['history'] }),
      run({ pipeline_names: ['history'], is_async: true }),
    ],
  },
  {
    name: 'the version that an earlier run saved',
    steps: [
      run({ pipeline_names: ['history'] }),
      run({ pipeline_names: ['history'] }),
      run('{"pipeline_names": ["recall"], "load_versions": {"history": "{{run 1}}"}}'),
      run('{"pipeline_names": ["recall"]}'),
    ],
  },
  runs('an old version', {
    pipeline_names: ['recall'],
    load_versions: { history: '2020-01-01T00.00.00.000Z' },
  }),
  runs('the newest version', { pipeline_names: ['recall'] }),
  runs('no load versions', { pipeline_names: ['recall'], load_versions: {} }),
  runs('a version that is not there', {
    pipeline_names: ['recall'],
    load_versions: { history: '1999' },
  }),
  runs('a version with a strange name', {
    pipeline_names: ['recall'],
    load_versions: { history: '../..' },
  }),
  runs('a version of a dataset without versions', {
    pipeline_names: ['chain'],
    load_versions: { numbers: 'v1' },
  }),
  runs('a version of an unknown dataset', {
    pipeline_names: ['chain'],
    load_versions: { nope: 'v1', nor: 'v2' },
  }),
  runs('a version and a save under the same name', {
    pipeline_names: ['history'],
    load_versions: { history: '2020-01-01T00.00.00.000Z' },
  }),
  {
    name: 'parameters of one run are not those of the next',
    steps: [
      run({ pipeline_names: ['echo', 'placed'], params: { threshold: 9, place: 'one', extra: 1 } }),
      run({ pipeline_names: ['echo', 'placed'] }),
      run({ pipeline_names: ['echo'], params: { threshold: 3 } }),
    ],
  },
  {
    name: 'a run after one that failed',
    steps: [
      run(failing('nested', {})),
      run({ pipeline_names: ['chain'] }),
      run(failing('value', {})),
    ],
  },
  {
    name: 'an edit of the catalog counts from the next run on',
    steps: [
      run({ pipeline_names: ['placed'] }),
      {
        edit: {
          'conf/base/catalog_more.yml':
            'placed_too:\n  type: json.JSONDataset\n  filepath: data/too.json\n',
        },
      },
      run({ pipeline_names: ['placed'] }),
      snapshot(),
    ],
  },
  {
    name: 'an edit of the parameters counts from the next run on',
    steps: [
      run({ pipeline_names: ['echo'] }),
      snapshot(),
      { edit: { 'conf/base/parameters.yml': 'factor: 7\nfresh: [1.0]\n' } },
      snapshot(),
      run({ pipeline_names: ['echo'] }),
      {
        edit: {
          'conf/base/parameters.yml': 'factor: 8\n',
          'conf/local/parameters_mine.yml': 'mine: true\n',
        },
      },
      run({ pipeline_names: ['echo'] }),
      snapshot(),
      { edit: { 'conf/local': null } },
      run({ pipeline_names: ['echo'] }),
      snapshot(),
    ],
  },
  {
    name: 'configuration that breaks and is mended',
    steps: [
      run({ pipeline_names: ['chain'] }),
      { edit: { 'conf/base/catalog.yml': 'numbers:\n  type: [\n' } },
      run({ pipeline_names: ['chain'] }),
      snapshot(),
      {
        edit: {
          'conf/base/catalog.yml':
            'numbers:\n  type: json.JSONDataset\n  filepath: data/numbers.json\n',
        },
      },
      run({ pipeline_names: ['chain'] }),
      snapshot(),
    ],
  },
  {
    name: 'configuration that goes away and comes back',
    steps: [
      { edit: { conf: null } },
      snapshot(),
      run({ pipeline_names: ['chain'] }),
      { edit: { 'conf/base/parameters.yml': 'factor: 4\n', 'conf/local/credentials.yml': '{}\n' } },
      snapshot(),
      run({ pipeline_names: ['chain'] }),
    ],
  },
  {
    name: 'data that changes between two runs',
    steps: [
      run({ pipeline_names: ['chain'] }),
      { edit: { 'data/numbers.json': '[10, 20]' } },
      run({ pipeline_names: ['chain'] }),
      { edit: { 'data/numbers.json': 'not JSON' } },
      run({ pipeline_names: ['chain'] }),
    ],
  },
];

function failing(fault: string, rest: object): object {
  return { pipeline_names: ['faults'], params: { fault }, ...rest };
}

export const runCases: readonly ParityCase[] = [
  ...filters.map(([name, body]) => runs(name, body)),
  ...runners.map((runner) => runs(`runner ${runner}`, { pipeline_names: ['chain'], runner })),
  ...params.map((text) =>
    runs(`params ${text.slice(0, 60)}`, `{"pipeline_names": ["echo"], "params": ${text}}`),
  ),
  ...faults.map((fault) => runs(`the fault "${fault}"`, failing(fault, {}))),
  ...others,
];
