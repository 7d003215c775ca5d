import fc from 'fast-check';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createDiskFileSystem } from '../../src/nodejs/disk-file-system.ts';
import type { KedroOracle } from '../kedro-oracle.ts';
import { startKedroOracle } from '../kedro-oracle.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
const numRuns = 150;

/** Columns as pandas is given them, each of one kind; dates are texts that end in Z. */
const kinds = {
  integer: fc.integer({ min: -1e6, max: 1e6 }),
  number: fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
    .map((value) => value + 0),
  boolean: fc.boolean(),
  text: fc.oneof(
    fc.constantFrom(
      'a',
      'é😀',
      ' x ',
      'two\nlines',
      '<&>"',
      'NaN',
      'NA',
      '1',
      '-2.5',
      'True',
      'x,y',
    ),
    fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'Z'), minLength: 1, maxLength: 5 }),
  ),
  date: fc
    .integer({ min: 0, max: 2_000_000_000 })
    .map((seconds) => new Date(seconds * 1000).toISOString()),
};
type Kind = keyof typeof kinds;

const table = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c d', 'é', '__proto__'), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.integer({ min: 1, max: 6 }),
    fc.boolean(),
  )
  .chain(([names, length, hasMissing]) =>
    fc.tuple(
      ...names.map((name) =>
        fc.constantFrom(...(Object.keys(kinds) as Kind[])).chain((kind) => {
          const cell: fc.Arbitrary<unknown> = kinds[kind];
          // pandas makes numbers of booleans when one is missing in a sheet.
          const canMiss = hasMissing && kind !== 'boolean';
          return fc
            .array(canMiss ? fc.option(cell) : cell, { minLength: length, maxLength: length })
            .map((values) => ({ name, kind, values }));
        }),
      ),
    ),
  );
type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

function toRows(columns: Table): readonly object[] {
  return Array.from({ length: columns[0]?.values.length ?? 0 }, (_, index) =>
    Object.fromEntries(
      columns.map(({ name, kind, values }) => {
        const value = values[index];
        return [name, kind === 'date' && typeof value === 'string' ? new Date(value) : value];
      }),
    ),
  );
}

describe.skipIf(inject('pythonMissing') !== null)(
  `tables as pandas has them (seed ${seed})`,
  () => {
    let kedro: KedroOracle;
    let folder: TemporaryFolder;
    let files = 0;

    beforeAll(async () => {
      kedro = await startKedroOracle(import.meta.url);
      folder = createTemporaryFolder();
    });
    afterAll(async () => {
      await kedro.close();
      await folder[Symbol.asyncDispose]();
    });

    function open(type: string, ending: string) {
      files += 1;
      const filepath = path.join(folder.path, `${files}.${ending}`);
      const fileSystems = { '': createDiskFileSystem(folder.path) };
      const catalog = createDataCatalog({ config: { ds: { type, filepath } }, fileSystems });
      return { filepath, catalog };
    }

    async function ask(question: object): Promise<unknown> {
      const [answer] = await kedro.ask(question);
      if ('error' in answer) throw new Error(`${answer.error}: ${answer.message}`);
      return answer.value;
    }

    it.each([
      ['pandas.FeatherDataset', 'feather', { compression: 'lz4' }],
      ['pandas.FeatherDataset', 'feather', { compression: 'zstd' }],
      ['pandas.FeatherDataset', 'feather', { compression: 'uncompressed' }],
      ['pandas.ExcelDataset', 'xlsx', {}],
    ])(
      `${numRuns} random tables that pandas wrote are read alike: %s %s %o`,
      async (type, ending, args) => {
        const property = fc.asyncProperty(table, async (columns) => {
          const { filepath, catalog } = open(type, ending);
          const theirs = await ask({ ask: 'write table', filepath, columns, args });
          expect(JSON.parse(JSON.stringify(await catalog.load('ds')))).toEqual(theirs);
        });
        await fc.assert(property, { seed, numRuns });
      },
    );

    it.each([
      ['pandas.FeatherDataset', 'feather'],
      ['pandas.ExcelDataset', 'xlsx'],
    ])(
      `${numRuns} random tables that were written here are read alike: %s`,
      async (type, ending) => {
        const property = fc.asyncProperty(table, async (columns) => {
          const { filepath, catalog } = open(type, ending);
          await catalog.save('ds', toRows(columns));
          const theirs = await ask({ ask: 'read table', filepath });
          expect(JSON.parse(JSON.stringify(await catalog.load('ds')))).toEqual(theirs);
        });
        await fc.assert(property, { seed, numRuns });
      },
    );

    it.each(['lz4', 'zstd'])('columns of many blocks are read from %s', async (compression) => {
      const { filepath, catalog } = open('arrow.ArrowDataset', 'feather');
      const values = Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 1000);
      const columns = [
        { name: 'i', kind: 'integer', values },
        { name: 't', kind: 'text', values: values.map((value) => `text ${value}`) },
      ];
      await ask({ ask: 'write table', filepath, columns, args: { compression } });
      const loaded = (await catalog.load('ds')) as Record<string, unknown[]>;
      expect(loaded['i']).toEqual(values);
      expect(loaded['t']).toEqual(columns[1]!.values);
    });
  },
);
