import { expect, test } from 'vitest';
import { createHttpServer } from '../../src/adapters/node.ts';
import { postRun, runOf } from '../http/post-run.ts';
import { createTypescriptProject } from './typescript-project-folder.ts';

const numbers = 'numbers: { type: json.JSONDataset, filepath: data/numbers.json }\n';

/** A registry of one node, `work`, which gives `result`. */
function registry(func: string): Record<string, string> {
  return {
    'src/pipeline_registry.ts': `
import { node, pipeline } from 'kedro-server';
export const registerPipelines = () => ({
  __default__: pipeline([node(${func}, 'numbers', ['left', 'right'] as never, { name: 'work' })]),
});
`,
  };
}

test.each<[string, Record<string, string | null>, string, readonly string[]]>([
  [
    'YAML that is malformed',
    { 'conf/base/catalog.yml': 'numbers:\n  type: json.JSONDataset\n filepath: x\n' },
    'ParserError',
    ['"base/catalog.yml"', 'not indented as it should be', 'line 3'],
  ],
  [
    'a dataset type that is misspelt',
    { 'conf/base/catalog.yml': numbers.replace('JSONDataset', 'JsonDatset') },
    'DatasetError',
    ["'numbers'", "'json.JsonDatset'", "Did you mean 'json.JSONDataset'?"],
  ],
  [
    'a type of which only a Python class is known',
    { 'conf/base/catalog.yml': numbers.replace('json.JSON', 'pickle.Pickle') },
    'DatasetError',
    ["'pickle.PickleDataset'", "Pickle is Python's own format", 'json.JSONDataset holds'],
  ],
  [
    'an option that is misspelt',
    { 'conf/base/catalog.yml': numbers.replace('filepath', 'filepth') },
    'DatasetError',
    ["'numbers'", 'filepth'],
  ],
  [
    'a file that is missing',
    { 'data/numbers.json': null },
    'DatasetError',
    ['numbers: Failed while loading', "No such file: 'data/numbers.json'."],
  ],
  [
    'a file that is broken',
    { 'data/numbers.json': '{"a": ' },
    'DatasetError',
    ['numbers: Failed while loading', "filepath='data/numbers.json'"],
  ],
  [
    'a path that leaves the project',
    { 'conf/base/catalog.yml': numbers.replace('data/', '../data/') },
    'DatasetError',
    ["'../data/numbers.json' leads out of the project", 'Keep data below the project'],
  ],
  [
    'credentials that nobody gives',
    { 'conf/base/catalog.yml': numbers.replace('}', ', credentials: mine }') },
    'KeyError',
    ["'mine'"],
  ],
  [
    'parameters that are a list',
    { 'conf/base/parameters.yml': '- 1\n' },
    'AttributeError',
    ['"base/parameters.yml"'],
  ],
  [
    'a parameter that is misspelt',
    { 'conf/base/parameters.yml': 'fctor: 2\n' },
    'ValueError',
    ["{'params:factor'} not found", 'to the parameters', "Did you mean 'params:fctor'?"],
  ],
  [
    'a global that nobody gives',
    { 'conf/base/parameters.yml': 'factor: ${globals:nobody}\n' },
    'InterpolationResolutionError',
    ['"factor" (base/parameters.yml)', 'no "nobody"'],
  ],
  [
    'a node that gives too little',
    registry('() => [1]'),
    'ValueError',
    ['work', '1 output(s)', '2 output(s)'],
  ],
  ['a node that gives no list', registry('() => 1'), 'ValueError', ['work', 'number']],
  [
    'a node that gives nothing',
    registry('() => [1, undefined]'),
    'DatasetError',
    ["right: Saving 'undefined'", 'Return a value from the node'],
  ],
  [
    'a node that throws a text',
    registry('() => { throw "no luck"; }'),
    'TypeError',
    ["Node 'work' threw 'string' no luck", 'throw an Error'],
  ],
])('%s: the error of the run names it, and the way out', async (_, changes, type, parts) => {
  await using folder = await createTypescriptProject({
    'conf/base/catalog.yml': numbers,
    ...changes,
  });
  await using app = createHttpServer({ projectPath: folder.path });
  const answer = await runOf(postRun(app, {}));
  expect(answer).toMatchObject({ status: 'failure', error: { type } });
  for (const part of parts)
    expect(JSON.stringify(answer)).toContain(JSON.stringify(part).slice(1, -1));
});
