import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createSourceFinder } from '../../src/nodejs/source-finder.ts';
import type { NodeFunction } from '../../src/pipeline/node-function.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const written = `'use strict';
function declared(a) {
  return a;
}
const arrow = (a) =>
  a + 1;
class Model {
  static async *fit() {
    yield 1;
  }
}
exports.functions = {
  declared, arrow, method: Model.fit, nameless: [(a) => a][0], bound: declared.bind(null),
  builtIn: Math.max, elsewhere: require('./node_modules/elsewhere.cjs').elsewhere,
};
`;

test('functions of the project have a source; others, nameless and bound ones have none', async () => {
  await using folder = createTemporaryFolder();
  const elsewhere = 'exports.elsewhere = function elsewhere() {};';
  await folder.write('project/node_modules/elsewhere.cjs', elsewhere);
  await folder.write('outside.cjs', 'exports.outside = function outside() {};');
  const file = await folder.write('project/src/nodes.cjs', written.replace('./', '../'));
  const require = createRequire(import.meta.url);
  const { functions } = require(file) as { functions: Record<string, NodeFunction> };
  const { outside } = require(path.join(folder.path, 'outside.cjs')) as { outside: NodeFunction };
  const findSource = createSourceFinder(path.join(folder.path, 'project'));
  const filepath = 'src/nodes.cjs';
  const sources = Object.entries({ ...functions, outside }).map(([name, func]) => [
    name,
    findSource(func),
  ]);
  expect(Object.fromEntries(sources)).toEqual({
    declared: { filepath, lineStart: 2, lineEnd: 4 },
    arrow: { filepath, lineStart: 5, lineEnd: 6 },
    method: { filepath, lineStart: 8, lineEnd: 10 },
    nameless: null,
    bound: null,
    builtIn: null,
    elsewhere: null,
    outside: null,
  });
  await Promise.resolve();
  expect(findSource(functions['declared']!)).toEqual({ filepath, lineStart: 2, lineEnd: 4 });
});
