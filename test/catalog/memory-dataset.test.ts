import { describe, expect, test } from 'vitest';

import type { CopyMode } from '../../src/catalog/copy-data.ts';
import { copyData, inferCopyMode } from '../../src/catalog/copy-data.ts';
import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { MemoryDataset } from '../../src/catalog/memory-dataset.ts';

class Table {
  readonly rows = [1];
}

describe('copy modes', () => {
  test.each<[string, unknown, CopyMode]>([
    ['objects', { a: 1 }, 'deepcopy'],
    ['lists', [1], 'deepcopy'],
    ['maps', new Map(), 'deepcopy'],
    ['dates', new Date(), 'deepcopy'],
    ['numbers', new Float64Array(1), 'copy'],
    ['buffers', new ArrayBuffer(1), 'copy'],
    ['instances', new Table(), 'assign'],
    ['functions', () => 1, 'assign'],
    ['texts', 'a', 'assign'],
  ])('of %s', (_, data, mode) => {
    expect(inferCopyMode(data)).toBe(mode);
  });

  test('deepcopy keeps cycles, shared parts, kinds and instances', () => {
    const table = new Table();
    const shared = { at: new Date(5) };
    const data: Record<string, unknown> = {
      shared,
      list: [shared, new Set([1]), new Map([['k', [1]]]), Uint8Array.of(1, 2)],
      table,
    };
    data['self'] = data;
    const copy = copyData(data, 'deepcopy') as typeof data & { list: unknown[] };
    expect(copy).toEqual(data);
    expect(copy).not.toBe(data);
    expect(copy['self']).toBe(copy);
    expect(copy['shared']).not.toBe(shared);
    expect(copy.list[0]).toBe(copy['shared']);
    expect(copy.list[3]).not.toBe((data['list'] as unknown[])[3]);
    expect(copy['table']).toBe(table);
  });

  test('deepcopy keeps a key called __proto__', () => {
    const data: unknown = JSON.parse('{"__proto__": {"polluted": [1]}}');
    const copy = copyData(data, 'deepcopy');
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":[1]}}');
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});

describe('a memory dataset', () => {
  test.each<[CopyMode | undefined, boolean, boolean]>([
    [undefined, false, false],
    ['deepcopy', false, false],
    ['copy', false, true],
    ['assign', true, true],
  ])('copies by its mode %s', async (copyMode, isSame, isInnerSame) => {
    const data = { inner: [1] };
    const dataset = MemoryDataset.empty({ copyMode });
    await dataset.save(data);
    const loaded = (await dataset.load()) as typeof data;
    expect(loaded).toEqual(data);
    expect(loaded === data).toBe(isSame);
    expect(loaded.inner === data.inner).toBe(isInnerSame);
  });

  test('is not changed by who saved or loaded', async () => {
    const data = [1];
    const dataset = new MemoryDataset(data);
    data.push(2);
    const loaded = (await dataset.load()) as number[];
    loaded.push(3);
    expect(await dataset.load()).toEqual([1]);
  });

  test('comes from the catalog with data and mode', async () => {
    const catalog = createDataCatalog({
      config: { a: { type: 'MemoryDataset', copy_mode: 'assign', data: { a: 1 } } },
    });
    expect(await catalog.load('a')).toEqual({ a: 1 });
    expect(await catalog.load('a')).toBe(await catalog.load('a'));
  });

  test('refuses a mode that is not known', () => {
    const catalog = createDataCatalog({
      config: { a: { type: 'kedro.io.MemoryDataset', copy_mode: 'clone' } },
    });
    expect(() => catalog.get('a')).toThrow(
      'Invalid copy mode: "clone". Possible values are: deepcopy, copy, assign.',
    );
  });
});
