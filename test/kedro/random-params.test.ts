import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';

import { seed } from '../config/seed.ts';
import { canary, openParamsProject } from './open-params-project.ts';

const usual = 'params.datasets.Opening';
const catalogs = 6;
const runsEach = 40;

/** How a catalog writes where a dataset is; `P` is the parameter. */
const paths = [
  'data/${runtime_params:P, here}.txt',
  '${runtime_params:P, data/here.txt}',
  '${globals:elsewhere}/${runtime_params:P, x}',
  '${_folder}/${runtime_params:P, x}.txt',
  '${globals:places.${runtime_params:P, here}}/x',
  'memory://listed/tenants/${runtime_params:P, x}',
  'file://<project>/data/${runtime_params:P, x}',
  'data/${runtime_params:P, "here"}${ runtime_params : P , x }',
  '<project>/${runtime_params:P, data/here.txt}',
];
/** How it writes which class it is. */
const classes = [
  usual,
  `\${runtime_params:P, ${usual}}`,
  'params.datasets.${runtime_params:P, Opening}',
  'params.${runtime_params:P, datasets}.Opening',
  '${_kinds.${runtime_params:P, usual}}',
  '${globals:kinds.${runtime_params:P, usual}}',
  '${_entries.usual.type}',
];
type Entry = (type: string, path: string) => string;
/** Around them. */
const entries: readonly Entry[] = [
  (type, path) => `{type: '${type}', filepath: '${path}'}`,
  (type, path) =>
    `{type: '${usual}', filepath: data/here.txt, more: [{type: '${type}', filepath: '${path}'}]}`,
  (type, path) => `{type: kedro.io.CachedDataset, dataset: {type: '${type}', filepath: '${path}'}}`,
  (type, path) =>
    `{type: partitions.PartitionedDataset, path: '${path}', dataset: {type: '${type}'}}`,
  (type, path) => `{type: partitions.PartitionedDataset, path: '${path}', dataset: '${type}'}`,
  (type, path) => `{type: '${type}', filepath: '${path}', load_args: '\${runtime_params:P, x}'}`,
  () => '${runtime_params:P, ${_entries.usual}}',
  () => '${_entries.${runtime_params:P, usual}}',
];

const entry = fc
  .tuple(fc.constantFrom(...entries), fc.constantFrom(...classes), fc.constantFrom(...paths))
  .map(([around, type, path]) => around(type, path));

const pieces = [
  ...['..', '/', '/', '.', 'link', 'link.txt', 'canary.txt', 'canary', 'data', 'here', 'x', '~'],
  ...['<outside>', '<listed>', '<elsewhere>', '<project>', 'file:', 'file://', 'memory://', '::'],
  ...['listed', 'tenants', '%2e%2e', '\\', ' ', '\0', '．．', '{x}', '${globals:places.outside}'],
  ...['outside', 'other', 'usual', 'Other', 'Opening', 'params.datasets.', usual, '???', 'link/'],
];
const text = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));
const meant = fc.constantFrom(
  ...['there', 'here', 'a/b', 'data/here.txt', 'data/parts', '<listed>/canary.txt', usual, 'usual'],
  ...['../data/link/canary', 'data/link/canary.txt', '<outside>/canary.txt', 'link', 'link.txt'],
  ...[
    'params.datasets.Other',
    'Other',
    'other',
    'outside',
    '<outside>',
    'file://<outside>/canary.txt',
  ],
);
const scalar = fc.oneof(meant, text, fc.constantFrom(7, null, true, 1.5));
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.record({ type: fc.oneof(meant, text), filepath: scalar }, { requiredKeys: [] }),
  fc.dictionary(
    fc.constantFrom('type', 'filepath', 'path', 'dataset', 'more', '__class__'),
    scalar,
  ),
  fc.array(scalar, { maxLength: 2 }),
);

test.skipIf(inject('pythonMissing') !== null)(
  `whatever params and catalog are, what is opened is where and of the class that it may be (seed ${seed})`,
  async () => {
    await using project = await openParamsProject();
    const allowed = [project.path, project.listed, project.elsewhere];
    const inPlace = (written: string): string =>
      written.replaceAll(/<(\w+)>/g, (_, name: string) =>
        name === 'project' ? project.path : project[name as 'outside' | 'listed' | 'elsewhere'],
      );
    let opened = 0;
    let refused = 0;
    const tryOut = async (number: number, given: unknown): Promise<void> => {
      const params = JSON.parse(inPlace(JSON.stringify({ [`p${number}`]: given }))) as object;
      const { ended, opened: found } = await project.run(`random_${number}`, params);
      if (/may not|not permitted/.test(ended.error?.message ?? '')) refused += 1;
      for (const { kind, path } of found) {
        opened += 1;
        expect(kind, JSON.stringify(params)).toBe('Opening');
        const isInside = path.startsWith('memory://')
          ? path.startsWith('memory:///tenants/')
          : allowed.some((folder) => `${path}/`.startsWith(`${folder}/`));
        if (!isInside) expect.fail(`${JSON.stringify(params)} has led to ${path}`);
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 5, maxLength: 5 }),
        fc.array(fc.tuple(fc.nat({ max: 4 }), value), { minLength: runsEach, maxLength: runsEach }),
        async (written, tries) => {
          const lines = written.map(
            (each, number) =>
              `random_${number}: ${inPlace(each).replaceAll(/\bP\b/g, `p${number}`)}`,
          );
          await project.kedro.project.write(
            'conf/base/catalog.yml',
            `_folder: \${globals:elsewhere}\n_kinds: {usual: ${usual}, other: params.datasets.Other}\n` +
              `_entries:\n  usual: {type: ${usual}, filepath: data/usual.txt}\n  other: {type: params.datasets.Other, filepath: data/other.txt}\n` +
              `${lines.join('\n')}\n`,
          );
          for (const [number, given] of tries) await tryOut(number, given);
        },
      ),
      // A failure is shrunk by whole catalogs, which takes long.
      { seed, numRuns: catalogs, endOnFailure: true },
    );
    // Neither is everything refused, nor nothing.
    expect(opened).toBeGreaterThan((catalogs * runsEach) / 10);
    expect(refused).toBeGreaterThan((catalogs * runsEach) / 10);
    expect(await readFile(join(project.outside, 'canary.txt'), 'utf8')).toBe(canary);
  },
);
