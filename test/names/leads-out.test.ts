import { expect, test } from 'vitest';

import { leadsOut, writtenRoot } from '../../src/names/leads-out.ts';

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
  ['/mnt/data/a.json', '/mnt/data/_.json', '/mnt/data/'],
  ['/mnt/data/a.json', '/mnt/data/a.json', '/mnt/data/a.json'],
  ['/mnt/dat-x/a', '/mnt/dat-_/a', '/mnt/'],
  ['/mnt/{name}/a', '/mnt/{name}/_', '/mnt/'],
  ['data/a.json', 'data/_.json', undefined],
  ['/etc/a', '_', undefined],
])('%s in place of %s is below %s', (filled, neutral, expected) => {
  expect(writtenRoot(filled, neutral)).toBe(expected);
});
