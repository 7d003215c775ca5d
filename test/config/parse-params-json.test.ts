import { expect, it } from 'vitest';
import { createConfigLoader } from '../../src/config/config-loader.ts';
import { createMemoryConfigSource } from '../../src/config/memory-config-source.ts';
import { parseDataJson } from '../../src/config/parse-data-json.ts';
import { parseParamsJson } from '../../src/config/parse-params-json.ts';

it('keeps floats floats and whole numbers exact', async () => {
  const source = createMemoryConfigSource({
    'base/parameters.yml': 'text: "${a} ${b} ${c} ${d} ${e.f}"',
    'local/x.txt': '',
  });
  const json = '{"a": 1.0, "b": 1, "c": 12345678901234567890, "d": 1e2, "e": {"f": [-0.5, 2.0]}}';
  const loader = createConfigLoader({ source, runtimeParams: parseParamsJson(json) });
  expect(await loader.load('parameters')).toEqual({
    text: '1.0 1 12345678901234567890 100.0 [-0.5, 2.0]',
    a: 1,
    b: 1,
    c: 12345678901234567890n,
    d: 100,
    e: { f: [-0.5, 2] },
  });
});

it('takes __proto__ for a key like any other', () => {
  const params = parseParamsJson('{"__proto__": {"polluted": 1}}');
  expect(Object.keys(params)).toEqual(['__proto__']);
  expect('polluted' in params).toBe(false);
});

it.each(['', '[]', '1.0', 'null', '"a"', '{'])('refuses %j', (text) => {
  expect(() => parseParamsJson(text)).toThrow(/runtime parameters/u);
});

it('has the numbers that Python has beside those of JSON', async () => {
  const source = createMemoryConfigSource({
    'base/parameters.yml': 'text: "${a} ${b} ${c} ${d}"',
    'local/x.txt': '',
  });
  const json = String.raw`{"a": NaN, "b": Infinity, "c": [-Infinity, "NaN \" Infinity"], "d": "NaN_"}`;
  const loader = createConfigLoader({ source, runtimeParams: parseParamsJson(json) });
  expect(await loader.load('parameters')).toEqual({
    text: `nan inf [-inf, 'NaN " Infinity'] NaN_`,
    a: Number.NaN,
    b: Infinity,
    c: [-Infinity, 'NaN " Infinity'],
    d: 'NaN_',
  });
  expect(parseDataJson('[NaN, 12345678901234567890, "NaN", -Infinity]')).toEqual([
    Number.NaN,
    12345678901234567890n,
    'NaN',
    -Infinity,
  ]);
});

it.each(['{"a": nan}', '{"a": -NaN}', '{"a": +Infinity}', '{"a": NaNa}', '{NaN: 1}'])(
  'refuses %s',
  (text) => {
    expect(() => parseParamsJson(text)).toThrow(/runtime parameters/u);
  },
);
