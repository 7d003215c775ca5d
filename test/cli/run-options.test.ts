import { expect, test } from 'vitest';
import { parseRunOptions, RUN_HELP } from '../../src/cli/run-options.ts';
import { plainOrder } from '../conformance/run-order.ts';

test('without arguments it is the whole default pipeline', () => {
  expect(parseRunOptions([])).toEqual({ order: plainOrder, graceMs: 5000 });
});

test("Kedro's options are read as Kedro does", () => {
  const args =
    '--pipelines=a,b,a -t x,y -n one,two -ns left.right --from-nodes=f --to-nodes t --from-inputs i,j ' +
    '--to-outputs o -lv a:2020-01-01T00.00.00.000Z,b:c:d -r ThreadRunner --async --only-missing-outputs ' +
    '-e staging --params model.lr=1.0,version=02 --project /some/where --grace 1.5';
  expect(parseRunOptions(args.split(' '))).toEqual({
    order: {
      pipelineNames: ['a', 'b'],
      tags: ['x', 'y'],
      nodeNames: ['one', 'two'],
      namespaces: ['left.right'],
      fromNodes: ['f'],
      toNodes: ['t'],
      fromInputs: ['i', 'j'],
      toOutputs: ['o'],
      loadVersions: { a: '2020-01-01T00.00.00.000Z', b: 'c:d' },
      runner: 'ThreadRunner',
      isAsync: true,
      onlyMissingOutputs: true,
      paramsJson: '{"model":{"lr":1.0},"version":2}',
    },
    env: 'staging',
    project: '/some/where',
    graceMs: 1500,
  });
});

test('blanks around names, and empty values, count for nothing', () => {
  const args = ['--tags', ' a , ,b', '--nodes', '', '--params=', '--runner', '', '-p', ''];
  expect(parseRunOptions(args)?.order).toEqual({ ...plainOrder, tags: ['a', 'b'] });
  expect(parseRunOptions(['-p', 'a,b'])?.order.pipelineNames).toEqual(['a,b']);
});

test.each([
  [['-p', 'a', '--pipelines', 'b'], /'--pipeline' and '--pipelines' cannot be used together/],
  [['--runner-params', 'max_workers=2'], /takes is_async=true or is_async=false/],
  [['--runner-params', 'is_async=2'], /takes is_async=true or is_async=false/],
  [['--async', '--runner-params=is_async=False'], /cannot be used together/],
  [['--load-versions', 'a'], /'dataset_name:YYYY-MM-DDThh\.mm\.ss\.sssZ', found 'a' instead/],
  [['--params', 'a'], /Invalid value for '--params': .* key=value pairs/],
  [['--conf-source', 'no/such'], /Path 'no\/such' does not exist/],
  [['--node', 'a'], /Unknown option '--node'/],
])('%j is refused', (args, message) => {
  expect(() => parseRunOptions(args)).toThrow(message);
});

test('the help names every option and fits a terminal', () => {
  expect(parseRunOptions(['--tags', 'a', '-h'])).toBeNull();
  const lines = RUN_HELP.split('\n');
  expect(lines.filter((line) => /^ {2}(?: {4}--|-)/.test(line))).toHaveLength(21);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});
