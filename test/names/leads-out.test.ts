import { expect, test } from 'vitest';

import { leadsAstray, leadsOut, writtenRoot } from '../../src/names/leads-out.ts';

test.each([
  ['data/a.json', 'data/_.json', false],
  ['data/../a.json', 'data/_/a.json', true],
  ['../shared/a.json', '../shared/_.json', false],
  ['../../a.json', '../_/a.json', true],
  ['/etc/passwd', '_', true],
  ['/mnt/a', '/mnt/_', false],
  ['data//etc', 'data/_', false],
  ['a..b', '_', false],
  ['s3://bucket/a', 's3://bucket/_', false],
  ['s3://bucket/a', '_/a', true],
  ['C:\\a', '_', true],
])('%s in place of %s leads out: %s', (filled, neutral, expected) => {
  expect(leadsOut(filled, neutral)).toBe(expected);
});

test.each([
  ['/mnt/data/a.json', '/mnt/data/\0.json', '/mnt/data/'],
  ['/mnt/data/a.json', '/mnt/data/a.json', '/mnt/data/a.json'],
  ['/mnt/dat-x/a', '/mnt/dat-\0/a', '/mnt/'],
  ['/mnt/{name}/a', '/mnt/{name}/\0', '/mnt/'],
  ['/mnt/_/x/a', '/mnt/\0/x/\0', '/mnt/'],
  ['data/a.json', 'data/\0.json', 'data/'],
  ['s3://bucket/a/b', 's3://bucket/\0/b', 's3://bucket/'],
  ['file:///mnt/a', 'file:///mnt/\0', 'file:///mnt/'],
  ['C:/data/a', 'C:/data/\0', 'C:/data/'],
  ['a', '\0', undefined],
  ['/etc/a', '\0', undefined],
  ['/etc/a', '/\0', undefined],
  ['file:///etc', 'file:///\0', undefined],
  ['s3://bucket/a', 's3://\0/a', undefined],
  ['s3://bucket/a', 's3://buc\0/a', undefined],
  ['https:evil', 'https:\0', undefined],
])('%j in place of %j is below %j', (filled, neutral, expected) => {
  expect(writtenRoot(filled, neutral)).toBe(expected);
});

test.each([
  ['a', '\0', false],
  ['data/a', 'data/\0', false],
  ['a%20b', '\0', false],
  ['/mnt/data/a', '/mnt/data/\0', false],
  ['https://host/a', 'https://host/\0', false],
  ['/listed/a', '\0', false],
  ['s3://bucket/listed/a', '\0', false],
  ['s3://bucket/listed', '\0', false],
  ['/listed2/a', '\0', true],
  ['/listed/../a', '\0', true],
  ['s3://bucket/listed/%2e%2e/a', '\0', true],
  ['s3://bucket/listing/a', '\0', true],
  ['data/%2E./a', 'data/\0', true],
  ['data/.\t./a', 'data/\0', true],
  ['data/.. /a', 'data/\0', true],
  ['data/../a', 'data/.\0/a', true],
  ['data\\..\\a', 'data\\\0', true],
  ['a\0b', '\0', true],
  [' http://host/a', '\0', true],
  ['ht\ntp://host/a', '\0', true],
  ['~/a', '\0', true],
  ['\\\\host\\share', '\0', true],
  ['//host/share', '\0', true],
  ['https://host.evil/a', 'https://host\0/a', true],
  ['https://user:a@host/', 'https://user:\0@host/', true],
  ['https://evil', 'http\0://host', true],
  ['/a', '/\0', true],
])('%j in place of %j leads astray: %s', (filled, neutral, expected) => {
  expect(leadsAstray(filled, neutral, ['/listed', 's3://bucket/listed/'])).toBe(expected);
});
