import { describe, expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { decodeLz4Frame } from '../../src/catalog/decode-lz4-frame.ts';
import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';

const catalog = createDataCatalog({
  config: {
    columns: { type: 'arrow.ArrowDataset', filepath: 'a.arrow' },
    some: { type: 'arrow.ArrowDataset', filepath: 'a.arrow', load_args: { columns: ['ratio'] } },
    typo: { type: 'arrow.ArrowDataset', filepath: 'a.arrow', load_args: { columns: ['rate'] } },
    rows: { type: 'pandas.FeatherDataset', filepath: 'a.arrow' },
    sheet: { type: 'pandas.ExcelDataset', filepath: 'a.xlsx', save_args: { sheet_name: 'S' } },
    named: { type: 'excel.ExcelDataset', filepath: 'a.xlsx', load_args: { sheet_name: 'S' } },
    nowhere: { type: 'excel.ExcelDataset', filepath: 'a.xlsx', load_args: { sheet_name: 'T' } },
    many: { type: 'excel.ExcelDataset', filepath: 'a.xlsx', load_args: { sheet_name: [0, 1] } },
    indexed: { type: 'excel.ExcelDataset', filepath: 'a.xlsx', save_args: { index: true } },
    broken: { type: 'excel.ExcelDataset', filepath: 'broken.xlsx' },
    noArrow: { type: 'arrow.ArrowDataset', filepath: 'broken.xlsx' },
  },
  fileSystems: { '': createMemoryFileSystem({ 'broken.xlsx': 'no file of this kind' }) },
});

const rows = [
  { id: 1, name: 'Ann', ratio: 0.5, ok: true, at: new Date('2026-01-02T03:04:05Z') },
  { id: 2, name: null, ratio: 1, ok: false, at: null },
];

describe('Arrow', () => {
  test('rows are columns of the same file', async () => {
    await catalog.save('rows', rows);
    expect(await catalog.load('rows')).toEqual(rows);
    expect(await catalog.load('columns')).toEqual({
      id: [1, 2],
      name: ['Ann', null],
      ratio: Float64Array.of(0.5, 1),
      ok: [true, false],
      at: [new Date('2026-01-02T03:04:05Z'), null],
    });
    expect(await catalog.load('some')).toEqual({ ratio: Float64Array.of(0.5, 1) });
  });

  test('columns keep the type of their numbers', async () => {
    const columns = {
      small: Int8Array.of(1, -1),
      unsigned: Uint32Array.of(1, 2 ** 32 - 1),
      big: [2n ** 60n, 1n],
      single: Float32Array.of(0.5, 1),
    };
    await catalog.save('columns', columns);
    expect(await catalog.load('columns')).toEqual(columns);
  });

  test.each([
    [{ a: [1, 2], b: [1] }, "'b' is of another"],
    [{ a: 1 }, "'a' is none"],
    [{ a: [1, 'x'] }, "Arrow cannot hold the column 'a': row 2 has 'string' after 'integer'"],
    [[{ a: {} }], 'Arrow files are written of texts, numbers, booleans and dates only'],
    [{ a: [() => 1] }, "row 1 has 'function'"],
    ['text', 'A table is saved from a list of rows'],
  ])('what is no table is refused: %o', async (data, message) => {
    await expect(catalog.save('columns', data)).rejects.toThrow(message);
  });

  test('a column that is not there, and a file of another kind, are named', async () => {
    await catalog.save('rows', rows);
    await expect(catalog.load('typo')).rejects.toThrow("no column 'rate': it has id, name, ratio");
    await expect(catalog.load('noArrow')).rejects.toThrow('noArrow: Failed while loading data');
  });
});

describe('LZ4 frames', () => {
  const [head, end] = [
    [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
    [0, 0, 0, 0],
  ];

  test('repeat what they have given, across blocks', () => {
    // Literals "ab", then 6 bytes from 2 back; the next block begins 4 back.
    const blocks = [...[5, 0, 0, 0, 0x22, 97, 98, 2, 0], ...[3, 0, 0, 0, 0x00, 4, 0]];
    const frame = Uint8Array.from([...head, ...blocks, ...end]);
    expect(new TextDecoder().decode(decodeLz4Frame(frame, 12))).toBe('abababababab');
    expect(() => decodeLz4Frame(frame, 20)).toThrow('holds 12 bytes in place of 20');
  });

  test.each([
    ['no frame', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a match before the start', [...head, 3, 0, 0, 0, 0x00, 9, 0, ...end]],
    ['a match beyond the end', [...head, 5, 0, 0, 0, 0x1f, 97, 1, 0, 200, ...end]],
    ['cut off', [...head, 200, 0, 0, 0, 0x22]],
    ['a dictionary', [0x04, 0x22, 0x4d, 0x18, 0x61, 0x40, 0x82, 0, 0, 0, 0, ...end]],
  ])('that are damaged are refused: %s', (_, bytes) => {
    expect(() => decodeLz4Frame(Uint8Array.from(bytes), 12)).toThrow(RangeError);
  });
});

describe('Excel', () => {
  test('rows come back from their sheet, by its place or name', async () => {
    await catalog.save('sheet', rows);
    expect(await catalog.load('sheet')).toEqual(rows);
    expect(await catalog.load('named')).toEqual(rows);
  });

  test.each([
    ['nowhere', "The file has no sheet 'T'"],
    ['many', "'sheet_name' has to be the name or the place of one sheet"],
    ['indexed', "only 'index: false' in save_args is supported"],
    ['broken', 'broken: Failed while loading data'],
  ])('mistakes are named: %s', async (name, message) => {
    await expect(catalog.load(name)).rejects.toThrow(message);
  });

  test('values that no cell holds are refused by their place', async () => {
    await expect(catalog.save('sheet', [{ a: 1 }, { a: [1] }])).rejects.toThrow(
      "Excel cannot hold the value of 'a' in row 2",
    );
  });
});
