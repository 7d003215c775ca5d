import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';

import { findEscapes } from './escapes.ts';
import { parseModule } from './module-syntax.ts';
import { readSourceFiles } from './source-files.ts';

const folders = ['src', 'test', 'scripts', 'bench', 'chaos'];
const modules = folders.flatMap((folder) =>
  readSourceFiles(folder, '**/*.ts').map(({ path, text }) => ({ path: `${folder}/${path}`, text })),
);
const programs = readSourceFiles('python', '**/*.py').map(({ path, text }) => ({
  path: `python/${path}`,
  text,
}));

function pathsOf(files: readonly { readonly path: string }[]): string[] {
  return files.map(({ path }) => path);
}

test('no file is longer than one sitting', () => {
  const tooLong = [...modules, ...programs].filter(
    ({ path, text }) => text.trimEnd().split('\n').length > (path.startsWith('test/') ? 600 : 400),
  );
  expect(pathsOf(tooLong)).toEqual([]);
});

describe('names', () => {
  const vague = /^(?:utils?|helpers?|common|types|constants|misc)$/;

  test('files and folders are kebab-case', () => {
    const word = '[a-z0-9]+(?:-[a-z0-9]+)*';
    const kebab = new RegExp(`^(?:${word}/)+${word}(?:\\.test)?\\.ts$`);
    expect(pathsOf(modules).filter((path) => !kebab.test(path))).toEqual([]);
  });

  test('each says what its file or folder is for', () => {
    const names = (path: string) => path.replace(/\.(?:ts|py)$/, '').split('/');
    const found = pathsOf([...modules, ...programs]).filter((path) =>
      names(path).some((name) => vague.test(name)),
    );
    expect(found).toEqual([]);
  });

  test('exports have one', () => {
    const nameless = modules.filter(({ path, text }) => parseModule(path, text).exportsDefault);
    expect(pathsOf(nameless)).toEqual([]);
  });
});

describe('escapes', () => {
  test('there are none', () => {
    expect(modules.flatMap(({ path, text }) => findEscapes(path, text))).toEqual([]);
  });

  test.each([
    'export const a: any = 1;',
    'export const a = 1 as any;',
    'export function a(b: Record<string, any[]>) {}',
    '// @ts-ignore\nexport const a = 1;',
    '/* @ts-nocheck */',
    '// @ts-expect-error because\nexport const a = 1;',
    '// oxlint-disable-next-line no-console',
    '// oxlint-disable-next-line no-restricted-imports -- because',
    '// oxlint-disable no-console -- because',
    '/* eslint-disable */',
    `test.skip('a', () => {});`,
    `test.only('a', () => {});`,
    `describe.each([1]).skip('a', () => {});`,
    `it.todo('a');`,
  ])('finds %s', (text) => {
    expect(findEscapes('a.ts', text)).toHaveLength(1);
  });

  test('lets a test be skipped, and a lint rule be off for a line, for a reason', () => {
    const text = `// oxlint-disable-next-line no-console -- a program's output
      test.skipIf(missing)('a', (context) => { list.only('b'); });`;
    expect(findEscapes('a.ts', text)).toEqual([]);
  });
});

test('every Python file begins with a docstring', () => {
  const docstring = /^(?:#.*\n|\s*\n)*[rR]?"""[^"\s]/;
  expect(pathsOf(programs.filter(({ text }) => !docstring.test(text)))).toEqual([]);
});

test('what is read here is there', () => {
  expect(pathsOf(modules)).toContain(`test/repo/${posix.basename(import.meta.filename)}`);
  expect(pathsOf(programs)).toContain('python/start.py');
});
