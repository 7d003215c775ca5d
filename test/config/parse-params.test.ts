import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { parseParams } from '../../src/config/parse-params.ts';
import { type KedroOracle, startKedroOracle } from './kedro-oracle.ts';
import { seed } from './seed.ts';
import { canonical, toExpectedPlain } from './tagged-value.ts';

const CORPUS = [
  ...[
    '',
    'version=02,model.lr=0.01',
    'a',
    '=1',
    ' =1',
    'a=1,,b=2',
    ' a = 1 , b = 2 ',
    'a=b=c',
    'a=',
  ],
  ...[
    'a.b=1,a=2,a.c=3',
    'a=[1],a.0=5',
    'a=[1],a[0].b=5',
    'a=[1],a.1=5',
    'a=[1],a.-1=3',
    'a=[1],a.x=3',
  ],
  ...['a=1,a=2', 'a={x: 1},a={y: 2}', 'a={x: 1},a=[2]', 'a=${b},b.x=1,a.y=2', 'b.x=1,a=${b},a.y=2'],
  ...[
    '1=x,1.y=2',
    'a={1: x},a.1=y',
    'a={1: x},a={"1": y}',
    'a=1.0',
    'a=123456789012345678901',
    'a=1:30',
  ],
  ...[
    'a=x: y',
    'a=null',
    'a=yes',
    'a=2020-01-01',
    'a=???',
    'a=${',
    'a=[',
    '[=1',
    '[a].b=1',
    'a[b][c]=1',
  ],
  ...[
    'a\\.b=1',
    'a\\=b=1',
    'a\\[0\\]=1',
    'a\\=b',
    '__proto__.x=1',
    'constructor.prototype.y=1',
    'a..b=1',
    '.a=1',
  ],
];

const key = fc
  .array(fc.constantFrom('a', 'b', 'c', '0', '-1', '1', '__proto__'), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((keys) =>
    fc.constantFrom(
      keys.join('.'),
      `${keys[0]}${keys
        .slice(1)
        .map((k) => `[${k}]`)
        .join('')}`,
    ),
  );
const value = fc.constantFrom(
  ...['1', '02', '0.5', '1e5', 'text', 'null', '', 'true', '[1]', '[[x]]', '{b: 1}', '{b: {c: 2}}'],
  ...['{0: x}', '${a}', '${b.c}', '???', '"q"', 'a=b', ' 1 ', '1:30', '{', '\\'],
);
const params = fc
  .array(fc.tuple(key, value), { minLength: 1, maxLength: 5 })
  .map((items) => items.map((item) => item.join('=')).join(','));

describe('parseParams', () => {
  it('gives typed values at their paths', () => {
    expect(parseParams('version=02,model.lr=0.01, name = a b ,on=yes')).toEqual({
      version: 2,
      model: { lr: 0.01 },
      name: ' a b'.trim(),
      on: true,
    });
  });

  it('keeps whole numbers that a JavaScript number cannot hold', () => {
    expect(parseParams('n=12345678901234567890')).toEqual({ n: 12345678901234567890n });
  });

  it('takes __proto__ for a key like any other', () => {
    const parsed = parseParams('__proto__.polluted=1');
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    ['a long path', `${'a.'.repeat(20_000)}a=1`, true],
    ['a deep list', `a=${'['.repeat(20_000)}`, true],
    ['a deep mapping', `a=${'{a: '.repeat(20_000)}`, true],
    [
      'steps over references',
      Array.from(
        { length: 300 },
        (_, n) => `x${n + 1}.${'a.'.repeat(90)}b=1,x${n + 2}=\${x${n + 1}.${'a.'.repeat(90)}b}`,
      ).join(','),
      false,
    ],
    [
      'steps into references',
      `x0={},${Array.from({ length: 300 }, (_, n) => `x${n}.${'a.'.repeat(50)}b={},x${n + 1}=\${x${n}.${'a.'.repeat(50)}b}`).join(',')}`,
      true,
    ],
  ])('is not led astray by %s', { timeout: 5_000 }, (_, text, refused) => {
    const parse = () => JSON.stringify(parseParams(text));
    if (refused) expect(parse).toThrow(ConfigError);
    else expect(parse).not.toThrow();
  });

  it.each(['a', '=1', 'a=1,b', '[=1'])('refuses %s and says what is expected', (text) => {
    expect(() => parseParams(text)).toThrow(/Expected comma-separated key=value pairs/);
  });
});

describe.skipIf(inject('pythonMissing') !== null)(
  `parseParams as kedro run --params (seed ${seed})`,
  () => {
    let oracle: KedroOracle;
    beforeAll(async () => {
      oracle = await startKedroOracle();
    });
    afterAll(() => oracle.close());

    const agree = async (text: string): Promise<void> => {
      const answer = await oracle.params(text);
      const theirs = 'error' in answer ? 'refused' : canonical(toExpectedPlain(answer.value));
      expect(readOurs(text)).toBe(theirs);
    };

    it.each(CORPUS)('agrees on %j', agree);

    it('agrees on random texts', { timeout: 30_000 }, () =>
      fc.assert(fc.asyncProperty(params, agree), { seed, numRuns: 500 }),
    );
  },
);

function readOurs(text: string): string {
  try {
    return canonical(parseParams(text));
  } catch (error) {
    if (error instanceof ConfigError) return 'refused';
    throw error;
  }
}
