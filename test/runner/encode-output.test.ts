import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { readTable } from '../../src/catalog/table-source.ts';
import { encodeOutput } from '../../src/runner/encode-output.ts';

const place = { dataset: 'given', filepath: 'data/given.bin', version: 'v1' };

async function encode(value: unknown, maxBytes = 1000) {
  const { kind, dataType, json } = await encodeOutput(value, maxBytes, place);
  return { kind, dataType, json };
}

class Table {
  async *[readTable]() {
    yield [{ a: 1n }];
    yield [{ a: 2n }, { a: null }];
  }
}

class Model {
  readonly weights = [1];
}

const inside: unknown[] = [];
inside.push({ inside });

describe('an output', () => {
  test.each([
    [[{ a: 1 }, { a: undefined }], 'table', 'Array', '[{"a":1},{}]'],
    [new Table(), 'table', 'Table', '[{"a":1},{"a":2},{"a":null}]'],
    [[1, -0, 2.5], 'array', 'Array', '[1,0,2.5]'],
    [[[1], [2n]], 'array', 'Array', '[[1],[2]]'],
    [new Float32Array([0.5, Number.NaN]), 'array', 'Float32Array', '[0.5,null]'],
    [new BigInt64Array([2n ** 60n]), 'array', 'BigInt64Array', '[1152921504606846976]'],
    ['"é"', 'text', 'String', '"\\"é\\""'],
    [[], 'json', 'Array', '[]'],
    [[1, 'a', [undefined]], 'json', 'Array', '[1,"a",[null]]'],
    [2n ** 70n, 'json', 'Bigint', '1180591620717411303424'],
    [Number.POSITIVE_INFINITY, 'json', 'Number', 'null'],
    [{ at: new Date(0), gone: undefined }, 'json', 'Object', '{"at":"1970-01-01T00:00:00.000Z"}'],
    [new Map([['a', new Set([1])]]), 'json', 'Map', '{"a":[1]}'],
    [new URL('https://a.b/c'), 'json', 'URL', '"https://a.b/c"'],
    [JSON.parse('{"__proto__": 1}'), 'json', 'Object', '{"__proto__":1}'],
  ])('%o is a %s', async (value, kind, dataType, json) => {
    expect(await encode(value)).toEqual({ kind, dataType, json });
  });

  test.each([
    [new Model(), 'Model'],
    [() => 1, 'Function'],
    [new Map([[1, 'a']]), 'Map'],
    [inside, 'Array'],
    [{ deep: [new Model()] }, 'Object'],
    [new ArrayBuffer(8), 'ArrayBuffer'],
  ])('%o is a reference to where it is', async (value, dataType) => {
    const json = JSON.stringify(place);
    expect(await encode(value)).toEqual({ kind: 'reference', dataType, json });
  });

  test('of plain data is what JSON.stringify writes, and is measured as UTF-8', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = JSON.stringify(value);
        const bytes = new TextEncoder().encode(json).length;
        expect((await encodeOutput(value, bytes, place)).json).toBe(json);
        await expect(encodeOutput(value, bytes - 1, place)).rejects.toMatchObject({
          code: 'output-too-large',
        });
      }),
    );
  });

  test('that is too large is not written to its end', async () => {
    let read = 0;
    const endless = {
      async *[readTable]() {
        for (;;) {
          read += 1;
          yield [{ read }];
        }
      },
    };
    await expect(encodeOutput(endless, 10_000, place)).rejects.toMatchObject({
      name: 'OutputTooLarge',
      message: expect.stringMatching(/'given' \(Object\) takes more than 10000 bytes/),
    });
    expect(read).toBeLessThan(1000);
  });
});
