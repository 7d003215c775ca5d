import { expect, test } from 'vitest';

import { parseDataJson } from '../../src/config/parse-data-json.ts';

test.each([
  ['[1, 1.0, 1e2]', [1, 1, 100]],
  ['[12345678901234567890, -9007199254740993]', [12345678901234567890n, -9007199254740993n]],
  ['[9007199254740991, 1.2345678901234567]', [9007199254740991, 1.2345678901234567]],
  ['{"a": "12345678901234567890"}', { a: '12345678901234567890' }],
])('%s keeps its numbers', (text, value) => {
  expect(parseDataJson(text)).toEqual(value);
});

test('keys are data', () => {
  const value = parseDataJson('{"__proto__": 12345678901234567890}');
  expect(Object.entries(value as object)).toEqual([['__proto__', 12345678901234567890n]]);
});
