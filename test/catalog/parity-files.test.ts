import { dsvFormat } from 'd3-dsv';
import fc from 'fast-check';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import type { KedroOracle } from '../kedro-oracle.ts';
import { startKedroOracle } from '../kedro-oracle.ts';

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
const numRuns = 1000;

const rows = [
  { id: 1, name: 'Ann, "the first"', ratio: 0.5, ok: true },
  { id: 2, name: 'Zoë\n2', ratio: -3, ok: false },
];
const values: Readonly<Record<string, unknown>> = {
  json: { a: [1, 'é😀', null, 1.5], b: { c: true } },
  yaml: { a: [1, 'é😀', null, 1.5, 'yes', '1', '2026-01-01'], b: { c: true } },
  text: 'line\né😀\n',
  csv: rows,
  parquet: rows,
};

/** One catalog for both, as a project would have it. */
function configIn(folder: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const types = {
    json: 'json.JSONDataset',
    yaml: 'yaml.YAMLDataset',
    text: 'text.TextDataset',
    csv: 'pandas.CSVDataset',
    parquet: 'pandas.ParquetDataset',
  };
  const entries = Object.entries(types).map(([name, type]) => [
    name,
    { type, filepath: path.join(folder, 'data', `${name}.file`), versioned: true },
  ]);
  return Object.fromEntries(entries) as ReturnType<typeof configIn>;
}

const cell = fc.oneof(
  fc.constantFrom('', 'NA', 'null', 'None', 'nan', '-1.#IND', 'True', 'false', 'TRUE', 'x', ' '),
  fc.constantFrom(
    '1',
    '-2',
    '007',
    '+5',
    '1.',
    '.5',
    '1e5',
    '-1.5E-3',
    ' 1',
    '1 ',
    '0x10',
    '1_000',
  ),
  fc.constantFrom('a,b', 'q"q', '"', 'two\nlines', 'é😀', '1,5', '--1', '1e', 'inf', '-Infinity'),
  fc.integer({ min: -1e6, max: 1e6 }).map(String),
);
const kinds = [
  cell,
  fc.constantFrom('1', '-2', '007', '', 'NA', '12'),
  fc.constantFrom('1', '2.5', '-1e3', '.5', '', 'inf'),
  fc.constantFrom('True', 'False', 'true', ''),
];
const table = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', 'c d', 'é'), { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom(...kinds.keys()), { minLength: 4, maxLength: 4 }),
    fc.nat({ max: 4 }),
    fc.constantFrom('\n', '\r\n'),
  )
  .chain(([header, kindOf, count, lineEnd]) =>
    fc
      .array(fc.tuple(...header.map((_, index) => kinds[kindOf[index] ?? 0] ?? cell)), {
        minLength: count,
        maxLength: count,
      })
      .map((body) => {
        const lines = [header, ...body].map((line) => dsvFormat(',').formatRow(line) || '""');
        return `${lines.join(lineEnd)}${lineEnd}`;
      }),
  );

function withoutInfinities(loaded: unknown): unknown {
  if (typeof loaded === 'number' && !Number.isFinite(loaded)) return loaded > 0 ? 'inf' : '-inf';
  if (Array.isArray(loaded)) return loaded.map(withoutInfinities);
  if (typeof loaded !== 'object' || loaded === null) return loaded;
  return Object.fromEntries(
    Object.entries(loaded).map(([key, each]) => [key, withoutInfinities(each)]),
  );
}

describe.skipIf(inject('pythonMissing') !== null)(`files as Kedro has them (seed ${seed})`, () => {
  let kedro: KedroOracle;

  beforeAll(async () => {
    kedro = await startKedroOracle(import.meta.url);
  });
  afterAll(async () => {
    await kedro.close();
  });

  it('are shared by one catalog, versions included, both ways', async () => {
    await using folder = createTemporaryFolder();
    const config = configIn(folder.path);
    const fileSystems = { '': createDiskFileSystem(folder.path) };
    const names = Object.keys(values);
    const ask = async (
      saved: Readonly<Record<string, unknown>>,
      saveVersion: string,
      loadVersions = {},
    ) =>
      await kedro.ask({
        ask: 'files',
        config,
        save: saved,
        tables: ['csv', 'parquet'],
        load: names,
        saveVersion,
        loadVersions,
      });
    const expected = names.map((name) => ({ value: values[name] }));

    const ours = createDataCatalog({
      config,
      fileSystems,
      saveVersion: '2026-01-01T00.00.00.000Z',
    });
    for (const name of names) await ours.save(name, values[name]);
    expect(await ask({}, 'unused')).toEqual(expected);

    const changed = { ...values, json: { newer: 1 } };
    await ask(changed, '2026-01-02T00.00.00.000Z');
    const newest = createDataCatalog({ config, fileSystems });
    for (const name of names) {
      expect(await newest.load(name)).toEqual(name === 'json' ? { newer: 1 } : values[name]);
    }
    const pinned = { json: '2026-01-01T00.00.00.000Z' };
    const old = createDataCatalog({ config, fileSystems, loadVersions: pinned });
    expect(await old.load('json')).toEqual(values['json']);
    expect(await ask({}, 'unused', pinned)).toEqual(expected);
  });

  it(`${numRuns} random CSV files hold what pandas reads`, async () => {
    const property = fc.asyncProperty(table, async (text) => {
      const catalog = createDataCatalog({
        config: { ds: { type: 'pandas.CSVDataset', filepath: 'a.csv' } },
        fileSystems: { '': createMemoryFileSystem({ 'a.csv': text }) },
      });
      const [theirs] = await kedro.ask({ ask: 'csv', text });
      if ('error' in theirs) await expect(catalog.load('ds')).rejects.toThrow('a.csv');
      else expect(withoutInfinities(await catalog.load('ds'))).toEqual(theirs.value);
    });
    await fc.assert(property, { seed, numRuns });
  }, 120_000);
});
