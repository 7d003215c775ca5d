import { expect, it } from 'vitest';
import { ConfigMap, type ConfigValue, EscapedMissing } from '../../src/config/config-value.ts';
import { floatText, pythonRepr, pythonStr } from '../../src/config/python-text.ts';

it.each([
  [1, '1.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [1.5e-5, '1.5e-05'],
  [0.0001, '0.0001'],
  [123456.789, '123456.789'],
  [1e100, '1e+100'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
  [Number.NaN, 'nan'],
])('writes the float %d as Python does', (value, text) => {
  expect(floatText(value)).toBe(text);
});

const map = new ConfigMap();
map.set('a', [1n, 1, null, true]);
map.set(2n, new Uint8Array([97, 0, 255]));

it.each<[ConfigValue, string]>([
  ['it', "'it'"],
  ["it's", `"it's"`],
  [`it's "it"`, `'it\\'s "it"'`],
  ['a\n\t\\\u0000\u00a0é\u2028😀', `'a\\n\\t\\\\\\x00\\xa0é\\u2028😀'`],
  [new EscapedMissing('???'), "'???'"],
  [map, "{'a': [1, 1.0, None, True], 2: b'a\\x00\\xff'}"],
])('writes %o as Python does', (value, text) => {
  expect(pythonRepr(value)).toBe(text);
});

it('leaves a text by itself as it is', () => {
  expect(pythonStr("it's")).toBe("it's");
});
