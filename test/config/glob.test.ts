import { expect, it } from 'vitest';
import { parseGlob } from '../../src/config/glob.ts';

it.each([
  ['catalog*', 'catalog.yml', true],
  ['catalog*', 'catalog/x.yml', false],
  ['catalog*/**', 'catalog/x/y.yml', true],
  ['catalog*/**', 'catalog.yml', false],
  ['**/catalog*', 'catalog.yml', true],
  ['**/catalog*', 'a/b/catalog.yml', true],
  ['**/catalog*', 'a/xcatalog.yml', false],
  ['**', 'a/b', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['./a//b', 'a/b', true],
  ['?.yml', 'a.yml', true],
  ['?.yml', 'ab.yml', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[]]x', ']x', true],
  ['[a', '[a', true],
  ['[a-]', '-', true],
  ['a.b', 'axb', false],
  ['a*b*c', 'a--b--c', true],
  ['', 'a', false],
])('%j means %j: %s', (pattern, path, expected) => {
  expect(parseGlob(pattern)(path)).toBe(expected);
});

it('refuses ** inside a name', () => {
  expect(() => parseGlob('a**/b')).toThrow(/"\*\*" must stand alone/);
});

it('does not take long for a pattern of stars', () => {
  const matches = parseGlob(`${'*a'.repeat(200)}b`);
  expect(matches('a'.repeat(5_000))).toBe(false);
});
