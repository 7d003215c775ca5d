import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { runTool } from './run-tool.ts';
import { createScratchFolder } from './scratch-folder.ts';
import { root } from './source-files.ts';

/** Checks modules as if the portable entry imported them. */
async function checkBelowEntry(modules: Readonly<Record<string, string>>) {
  const entry = ['../../src/index.ts', ...Object.keys(modules).map((file) => `./${file}`)];
  using scratch = createScratchFolder({
    'tsconfig.json': `{ "extends": "../../tsconfig.portable.json", "include": ["entry.ts"] }`,
    'entry.ts': entry.map((file) => `export * from '${file}';`).join('\n'),
    ...modules,
  });
  return await runTool('tsc', ['-p', scratch.path]);
}

test('tsconfig.portable.json checks the portable entries and nothing else', () => {
  const config: unknown = JSON.parse(readFileSync(join(root, 'tsconfig.portable.json'), 'utf8'));
  const include = [
    'src/index.ts',
    'src/adapters/workers.ts',
    'src/client/index.ts',
    'src/run/run-tracer.ts',
  ];
  expect(config).toMatchObject({ include, compilerOptions: { types: [] } });
});

test('the portable entry type-checks where there are no Node types', async () => {
  expect(
    await checkBelowEntry({ 'url.ts': `export const url = new URL('http://localhost');` }),
  ).toMatchObject({ output: '', exitCode: 0 });
});

test('the check fails when something below the entry needs Node.js', async () => {
  const { exitCode, output } = await checkBelowEntry({
    'import.ts': `import { readFileSync } from 'node:fs'; export const read = readFileSync;`,
    'type.ts': `export type Server = import('node:http').Server;`,
    'process.ts': `export const env = process.env;`,
    'buffer.ts': `export const bytes = Buffer.from('a');`,
  });
  expect(exitCode).not.toBe(0);
  const found = output.split('\n').flatMap((line) => {
    const [, file, name] = /([\w-]+\.ts)\(.*'(node:\w+|process|Buffer)'/.exec(line) ?? [];
    return file === undefined ? [] : [`${file} ${name}`];
  });
  expect(found.toSorted()).toEqual([
    'buffer.ts Buffer',
    'import.ts node:fs',
    'process.ts process',
    'type.ts node:http',
  ]);
});
