import { expect, test } from 'vitest';

import { buffersOf, findUncloneable } from '../../src/nodejs/cloneable.ts';

class Table {
  rows = [1];
}

const circle: Record<string, unknown> = { list: [1] };
circle['self'] = circle;

test.each([
  ['nothing', null],
  ['plain values', { a: [1, 'b', true, undefined, 10n, null], ['__proto__']: 1 }],
  ['without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['collections', new Map<unknown, unknown>([['a', new Set([new Date(0), /x/u])]])],
  ['bytes', [new Float64Array(2), new Uint8Array(2).buffer, new DataView(new ArrayBuffer(1))]],
  ['shared bytes', new SharedArrayBuffer(8)],
  ['an error', new TypeError('why')],
  ['a circle', circle],
])('%s arrives as it is', (_, data: unknown) => {
  expect(findUncloneable(data)).toBeUndefined();
  expect(structuredClone(data)).toEqual(data);
});

test.each([
  ['a function', () => 1, 'data is a function'],
  ['a method', { run: () => 1 }, 'data.run is a function'],
  ['a symbol', [Symbol('a')], 'data[0] is a symbol'],
  [
    'an instance',
    { rows: [1, { table: new Table() }] },
    'data.rows[1].table is an instance of Table',
  ],
  ['in a map', new Map([['a', new Table()]]), 'data.get(a) is an instance of Table'],
  ['as a key', new Map([[new Table(), 1]]), 'data.keys() is an instance of Table'],
  ['in a set', new Set([new Table()]), 'data.values() is an instance of Table'],
  ['a subclass', new (class Rows extends Array<number> {})(), 'data is an instance of Rows'],
  ["Node's buffer", [Buffer.from('a')], 'data[0] is an instance of Buffer'],
  ['a promise', Promise.resolve(1), 'data is an instance of Promise'],
])('%s would be lost or changed', (_, data, expected) => {
  expect(findUncloneable(data)).toBe(expected);
});

test('the place is that of the first, also after 100,000 others', () => {
  const rows: unknown[] = Array.from({ length: 100_000 }, (_, index) => ({ index }));
  expect(findUncloneable(rows)).toBeUndefined();
  rows.push(new Table());
  expect(findUncloneable(rows)).toBe('data[100000] is an instance of Table');
});

test('buffers are found once each, at any depth', () => {
  const bytes = new Float64Array(4);
  const data = {
    a: [bytes, new Uint8Array(bytes.buffer)],
    b: new Map([['c', new ArrayBuffer(2)]]),
  };
  expect(buffersOf(data)).toHaveLength(2);
  expect(buffersOf([new SharedArrayBuffer(8), 'text'])).toEqual([]);
});
