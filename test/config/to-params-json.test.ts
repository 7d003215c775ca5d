import { expect, test } from 'vitest';
import { toParamsJson } from '../../src/config/to-params-json.ts';

test.each([
  ['', '{}'],
  ['version=02,model.lr=0.01', '{"version":2,"model":{"lr":0.01}}'],
  [
    'a=1.0,b=-0.0,c=1e22,d=12345678901234567890',
    '{"a":1.0,"b":-0.0,"c":1e+22,"d":12345678901234567890}',
  ],
  ['a=[1],b={1: yes},c={no: x}', '{"a":[1],"b":{"1":true},"c":{"false":"x"}}'],
  ['a=null,b=~,c=,d="1"', '{"a":null,"b":null,"c":null,"d":"1"}'],
  ['text=say "hi"\n,date=2020-01-01', '{"text":"say \\"hi\\"","date":"2020-01-01"}'],
])('%j is %s', (text, json) => {
  expect(toParamsJson(text)).toBe(json);
});

test.each(['a=.inf', 'a=.nan', 'a=!!binary aGk=', 'a'])('%s is refused', (text) => {
  expect(() => toParamsJson(text)).toThrow(`Invalid 'params' value: '${text}'`);
});
