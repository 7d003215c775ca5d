import { describe, expect, test } from 'vitest';

import { parseModule } from './module-syntax.ts';
import { roomOf, rooms } from './rooms.ts';
import { readSourceFiles } from './source-files.ts';
import { findTrespasses } from './trespasses.ts';

describe('the table of rooms', () => {
  test('names each room once and only rooms that exist in it', () => {
    const paths = rooms.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(
      rooms.flatMap(({ mayImport }) => mayImport).filter((path) => !paths.includes(path)),
    ).toEqual([]);
  });

  test('lets the portable entry reach no room that may use node:', () => {
    const reached = new Set(['index.ts']);
    for (const path of reached) {
      for (const next of rooms.find((room) => room.path === path)?.mayImport ?? [])
        reached.add(next);
    }
    expect(rooms.filter(({ path, nodejs }) => nodejs && reached.has(path))).toEqual([]);
  });

  test('has no two rooms that import each other', () => {
    const mutual = rooms.flatMap(({ path, mayImport }) =>
      mayImport
        .filter((other) =>
          rooms.some((room) => room.path === other && room.mayImport.includes(path)),
        )
        .map((other) => `${path} and ${other}`),
    );
    expect(mutual).toEqual([]);
  });

  test('gives a file the most exact room', () => {
    expect(roomOf('adapters/workers.ts')?.path).toBe('adapters/workers.ts');
    expect(roomOf('adapters/node.ts')?.path).toBe('adapters/');
    expect(roomOf('elsewhere/node.ts')).toBeUndefined();
  });
});

test('every import in src/ is allowed by the table of rooms', () => {
  expect(findTrespasses(readSourceFiles('src', '**/*.ts'))).toEqual([]);
});

test.each([
  ['a room that it may not call', 'contract/a.ts', `import { b } from '../http/b.ts';`],
  ['a type of such a room', 'run/a.ts', `import type { B } from '../kedro/b.ts';`],
  ['a type by import()', 'run/a.ts', `export type A = import('../kedro/b.ts').B;`],
  ['a re-export of such a room', 'index.ts', `export { b } from './nodejs/b.ts';`],
  ['all of such a room', 'errors.ts', `export * from './run/b.ts';`],
  ['a dynamic import of such a room', 'http/routes/a.ts', `await import('../../cli/b.ts');`],
  ['an import() of what is only known later', 'http/a.ts', `const b = './b.ts'; await import(b);`],
  ['node: in a portable room', 'http/a.ts', `import { readFileSync } from 'node:fs';`],
  ['a builtin without node:', 'kedro/a.ts', `import { readFileSync } from 'fs';`],
  ['a package of another room', 'kedro/a.ts', `import { Hono } from 'hono';`],
  ['a package that only begins alike', 'contract/a.ts', `import { z } from 'zod-other';`],
  [
    'a file outside src/',
    'cli/a.ts',
    `import pkg from '../../package.json' with { type: 'json' };`,
  ],
  ['a folder that is no room', 'cli/a.ts', `import { b } from '../helpers/b.ts';`],
  ['a file that is in no room', 'helpers/a.ts', ''],
])('catches %s', (_, path, text) => {
  expect(findTrespasses([{ path, text }])).toHaveLength(1);
});

test('lets through what the table allows', () => {
  const text = `import { Hono } from 'hono'; import { cors } from 'hono/cors';
    import { a } from '../../contract/a.ts'; import { b } from '../b.ts'; await import('./c.ts');`;
  expect(findTrespasses([{ path: 'http/routes/a.ts', text }])).toEqual([]);
});

test('a module that cannot be parsed is not passed over', () => {
  expect(() => parseModule('a.ts', 'import {')).toThrow('a.ts');
});
