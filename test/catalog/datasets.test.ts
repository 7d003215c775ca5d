import { describe, expect, test } from 'vitest';

import type { CatalogConfig } from '../../src/catalog/data-catalog.ts';
import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';

function catalogOf(
  entry: CatalogConfig,
  files: Readonly<Record<string, string | Uint8Array>> = {},
) {
  const fileSystem = createMemoryFileSystem(files);
  const catalog = createDataCatalog({
    config: { ds: entry },
    fileSystems: { '': fileSystem },
    saveVersion: '2026-11-23T08.00.00.000Z',
  });
  return { catalog, fileSystem };
}

const rows = [
  { id: 1, name: 'Ann, "the first"', ratio: 0.5, ok: true, note: null },
  { id: 2, name: 'Zoë\n2', ratio: -3, ok: false, note: 'x' },
];

const datasets = [
  { type: 'json.JSONDataset', value: { a: [1, 'é', null], b: { c: true } }, broken: '{"a": 1' },
  { type: 'yaml.YAMLDataset', value: { a: [1, 'é', null], b: { c: true } }, broken: 'a: [1' },
  { type: 'text.TextDataset', value: 'line\né😀\n', broken: new Uint8Array([0xff]) },
  { type: 'csv.CSVDataset', value: rows, broken: 'a,b\n1,"2' },
  { type: 'pandas.CSVDataset', value: rows, broken: 'a,b\n1,2,3\n' },
  { type: 'parquet.ParquetDataset', value: rows, broken: 'PAR1 no parquet' },
  { type: 'pandas.ParquetDataset', value: rows, broken: '' },
];

describe.each(datasets)('$type', ({ type, value, broken }) => {
  test('loads what it saved', async () => {
    const { catalog } = catalogOf({ type, filepath: 'data/a.file' });
    expect(await catalog.exists('ds')).toBe(false);
    await catalog.save('ds', value);
    expect(await catalog.exists('ds')).toBe(true);
    expect(await catalog.load('ds')).toEqual(value);
  });

  test('names dataset and file when the file is missing', async () => {
    const { catalog } = catalogOf({ type, filepath: 'data/a.file' });
    await expect(catalog.load('ds')).rejects.toMatchObject({
      name: 'DatasetError',
      code: 'dataset-load-failed',
      message: `ds: Failed while loading data from dataset ${type}(filepath='data/a.file').\nNo such file: 'data/a.file'.`,
    });
  });

  test('names dataset and file when the file is broken', async () => {
    const { catalog } = catalogOf({ type, filepath: 'a.file' }, { 'a.file': broken });
    await expect(catalog.load('ds')).rejects.toMatchObject({
      name: 'DatasetError',
      message: expect.stringMatching(
        /^ds: Failed while loading data from dataset [\w.]+\(filepath='a\.file'\)\.\n./u,
      ),
    });
  });

  test('keeps versions in folders of the file', async () => {
    const entry = { type, filepath: 'data/a.file', versioned: true };
    const { catalog, fileSystem } = catalogOf(entry);
    await expect(catalog.load('ds')).rejects.toThrow('ds: Did not find any versions for');
    expect(await catalog.exists('ds')).toBe(false);
    await catalog.save('ds', value);
    expect(await fileSystem.list('data')).toEqual([`a.file/2026-11-23T08.00.00.000Z/a.file`]);
    expect(await catalog.load('ds')).toEqual(value);
    await expect(catalog.save('ds', value)).rejects.toThrow(
      "ds: Save path 'data/a.file/2026-11-23T08.00.00.000Z/a.file' for ",
    );
  });

  test('refuses options that it does not know', () => {
    const { catalog } = catalogOf({ type, filepath: 'a', save_arg: {} });
    expect(() => catalog.get('ds')).toThrow(
      `Dataset 'ds' of type '${type}': there is no option 'save_arg'. Did you mean 'save_args'?`,
    );
  });

  test('refuses an entry without its file', () => {
    expect(() => catalogOf({ type }).catalog.get('ds')).toThrow("'filepath' is missing");
  });

  test('refuses to save nothing', async () => {
    const { catalog } = catalogOf({ type, filepath: 'a' });
    for (const nothing of [null, undefined]) {
      await expect(catalog.save('ds', nothing)).rejects.toThrow('is not allowed');
    }
  });
});

describe('JSON', () => {
  const json = { type: 'json.JSONDataset', filepath: 'a.json' };

  test('is written as Kedro writes it', async () => {
    const { catalog, fileSystem } = catalogOf(json);
    await catalog.save('ds', { a: [1, 2], b: {} });
    const text = new TextDecoder().decode(await fileSystem.read('a.json'));
    expect(text).toBe('{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}');
  });

  test('takes another indentation', async () => {
    const { catalog, fileSystem } = catalogOf({ ...json, save_args: { indent: null } });
    await catalog.save('ds', { a: [1] });
    expect(new TextDecoder().decode(await fileSystem.read('a.json'))).toBe('{"a":[1]}');
  });

  test.each([
    [{ a: [1, Number.NaN] }, "'data.a[1] is NaN'"],
    [new Map(), "'data is an instance of Map'"],
    [{ f: () => 1 }, "'data.f is of type 'function''"],
    [{ n: 1n }, 'BigInt'],
    [[[new Uint8Array(1)]], "'data[0][0] is an instance of Uint8Array'"],
  ])('refuses what it would lose: %o', async (data, text) => {
    const { catalog, fileSystem } = catalogOf(json);
    await expect(catalog.save('ds', data)).rejects.toThrow(text);
    expect(await fileSystem.exists('a.json')).toBe(false);
  });

  test('keeps a key called __proto__', async () => {
    const { catalog } = catalogOf(json, { 'a.json': '{"__proto__": {"x": 1}}' });
    const loaded = await catalog.load('ds');
    expect(Object.keys(loaded as object)).toEqual(['__proto__']);
    await catalog.save('ds', loaded);
    expect(JSON.stringify(await catalog.load('ds'))).toBe('{"__proto__":{"x":1}}');
  });
});

describe('CSV', () => {
  const load = async (text: string, load_args = {}) => {
    const entry = { type: 'csv.CSVDataset', filepath: 'a.csv', load_args };
    return await catalogOf(entry, { 'a.csv': text }).catalog.load('ds');
  };

  test('infers numbers, booleans and missing values by column', async () => {
    expect(await load('a,b,c,d,e\n1,True,x,NA,007\n-2.5e1,,1,,1\n')).toEqual([
      { a: 1, b: true, c: 'x', d: null, e: 7 },
      { a: -25, b: null, c: '1', d: null, e: 1 },
    ]);
  });

  test('leaves integers that JavaScript cannot hold as texts', async () => {
    expect(await load('id\n9007199254740993\n1\n')).toEqual([
      { id: '9007199254740993' },
      { id: '1' },
    ]);
  });

  test('reads line ends of all kinds, a byte order mark, blank lines and short rows', async () => {
    expect(await load('\uFEFFa,b\r\n1,2\r\n\r\n3\r\n')).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: null },
    ]);
  });

  test('tells columns of one name apart', async () => {
    expect(await load('a,a,a.1,a\n1,2,3,4\n')).toEqual([{ a: 1, 'a.2': 2, 'a.1': 3, 'a.3': 4 }]);
  });

  test('keeps a column called __proto__', async () => {
    const [row] = (await load('__proto__,b\n1,2\n')) as object[];
    expect(Object.entries(row ?? {})).toEqual([
      ['__proto__', 1],
      ['b', 2],
    ]);
  });

  test('keeps rows of a single column that hold nothing', async () => {
    const { catalog, fileSystem } = catalogOf({ type: 'csv.CSVDataset', filepath: 'a.csv' });
    const table = [{ a: null }, { a: 1 }, { a: null }];
    await catalog.save('ds', table);
    expect(new TextDecoder().decode(await fileSystem.read('a.csv'))).toBe('a\n""\n1\n""\n');
    expect(await catalog.load('ds')).toEqual(table);
  });

  test('takes another separator, and texts only', async () => {
    expect(await load('a;b\n1;2,5\n', { sep: ';', dtype: 'str' })).toEqual([{ a: '1', b: '2,5' }]);
  });

  test.each([
    ['a\n"1', 'The quote that begins in row 2 is never closed.'],
    ['a,b\n1,2\n1,2,3\n', 'Row 3 has 3 fields where the header has 2.'],
  ])('says what is wrong with %o', async (text, message) => {
    await expect(load(text)).rejects.toThrow(message);
  });

  test('takes the columns of all rows, and refuses what no cell can hold', async () => {
    const { catalog, fileSystem } = catalogOf({ type: 'csv.CSVDataset', filepath: 'a.csv' });
    await catalog.save('ds', [{ a: 1 }, { b: new Date(0), a: Number.NaN }]);
    const text = new TextDecoder().decode(await fileSystem.read('a.csv'));
    expect(text).toBe('a,b\n1,\n,1970-01-01T00:00:00.000Z\n');
    await expect(catalog.save('ds', [{ a: { b: 1 } }])).rejects.toThrow("value of 'a' in row 1");
    await expect(catalog.save('ds', [1])).rejects.toThrow('Row 1 of the table is no object.');
    await expect(catalog.save('ds', { a: 1 })).rejects.toThrow('a list of rows');
  });
});

describe('Parquet', () => {
  const parquet = { type: 'parquet.ParquetDataset', filepath: 'a.parquet' };

  test('keeps dates, large integers and nested values', async () => {
    const { catalog } = catalogOf(parquet);
    const table = [
      { at: new Date(1e12), id: 2n ** 60n, tags: ['a', 'b'] },
      { at: null, id: 1n, tags: null },
    ];
    await catalog.save('ds', table);
    expect(await catalog.load('ds')).toEqual(table);
  });

  test('reads only the columns that are asked for', async () => {
    const { catalog } = catalogOf({ ...parquet, load_args: { columns: ['b'] } });
    await catalog.save('ds', [{ a: 1, b: 2 }]);
    expect(await catalog.load('ds')).toEqual([{ b: 2 }]);
  });

  test('names a column of several kinds', async () => {
    const { catalog } = catalogOf(parquet);
    await expect(catalog.save('ds', [{ a: 1 }, { a: 'x' }])).rejects.toThrow(
      "the column 'a': row 2 has 'string' after 'integer'",
    );
  });
});
