import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { RUN_HELP } from '../../src/cli/run-options.ts';
import { toRunsHelp } from '../../src/cli/runs-options.ts';
import { START_HELP } from '../../src/cli/start-options.ts';
import { readDocuments, type CodeBlock } from './documents.ts';
import { runTool } from './run-tool.ts';
import { createScratchFolder } from './scratch-folder.ts';
import { readSourceFiles, root } from './source-files.ts';

const documents = readDocuments();
const manifest = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

function blocksIn(...languages: string[]): CodeBlock[] {
  return documents
    .flatMap(({ blocks }) => blocks)
    .filter(({ language }) => languages.includes(language));
}

/** The commands of the shell blocks, each on one line. */
const commands = blocksIn('sh').flatMap(({ place, text }) =>
  text
    .replaceAll('\\\n', ' ')
    .split(/\n|&&/)
    .map((command) => ({ place, command: command.trim() }))
    .filter(({ command }) => command !== ''),
);

describe('the first screen of README.md', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');

  test.each(['npm ci && npm run demo', 'npm ci && npm test'])('holds the command %s', (command) => {
    expect(readme.split('\n').slice(0, 30)).toContain(command);
  });

  test('holds the command that .ci/run runs', () => {
    const file = join(root, '.ci/run');
    expect(readFileSync(file, 'utf8').split('\n')).toContain('npm ci && npm test');
    expect(statSync(file).mode & 0o111).toBe(0o111);
  });
});

test('every code block says its language', () => {
  expect(blocksIn('').map(({ place }) => place)).toEqual([]);
});

test('TypeScript in documents type-checks', async () => {
  const blocks = blocksIn('ts');
  expect(blocks.length).toBeGreaterThan(3);
  const compilerOptions = {
    paths: {
      'kedro-server': ['../../src/adapters/node.ts'],
      'kedro-server/node': ['../../src/adapters/node.ts'],
      'kedro-server/deno': ['../../src/adapters/deno.ts'],
      'kedro-server/bun': ['../../src/adapters/bun.ts'],
      'kedro-server/workers': ['../../src/adapters/workers.ts'],
      'kedro-server/client': ['../../src/client/index.ts'],
      'kedro-server/queue': ['../../src/queue/index.ts'],
      'kedro-server/opentelemetry': ['../../src/run/run-tracer.ts'],
    },
    noUnusedLocals: false,
  };
  const fileOf = ({ place }: CodeBlock) => `${place.replaceAll(/[^\w]+/g, '-')}.ts`;
  using scratch = createScratchFolder({
    'tsconfig.json': JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions,
      include: ['*.ts'],
    }),
    ...Object.fromEntries(blocks.map((block) => [fileOf(block), block.text])),
  });
  expect(await runTool('tsc', ['-p', scratch.path])).toMatchObject({ output: '', exitCode: 0 });
}, 120_000);

test('JSON in documents parses', () => {
  const broken = blocksIn('json').filter(({ text }) => {
    try {
      JSON.parse(text);
      return false;
    } catch {
      return true;
    }
  });
  expect(broken.map(({ place }) => place)).toEqual([]);
});

test('npm scripts in documents exist', () => {
  const named = commands.flatMap(({ place, command }) => {
    const [, name] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
    return name === undefined || name === 'ci' || name === 'install' ? [] : [{ place, name }];
  });
  expect(named.map(({ name }) => name)).toEqual(expect.arrayContaining(['demo', 'test', 'check']));
  expect(named.filter(({ name }) => !(name in manifest.scripts))).toEqual([]);
});

test('flags of kedro-server in documents exist', () => {
  const ofRuns = (['list', 'watch', 'logs', 'retry'] as const).map(toRunsHelp).join('');
  const known = new Set(`${START_HELP}${RUN_HELP}${ofRuns}`.match(/(?<=[ ,])--?[\w-]+/g));
  const inCommands = commands
    .filter(({ command }) =>
      /^npx (?:kedro-server|node src\/cli\/main\.ts) (?:start|run)/.test(command),
    )
    .flatMap(({ command }) => command.match(/(?<= )--?[a-zA-Z][\w-]*/g) ?? []);
  const inTables = documents.flatMap(({ text }) =>
    [...text.matchAll(/^\| (`-.*?) \|/gm)].flatMap(
      ([, cell = '']) => cell.match(/--?[\w-]+/g) ?? [],
    ),
  );
  expect([...inCommands, ...inTables]).toEqual(
    expect.arrayContaining(['--project', '--workers', '-p']),
  );
  expect([...inCommands, ...inTables].filter((flag) => !known.has(flag))).toEqual([]);
});

test('variables in documents are read by the code', () => {
  const sources = [...readSourceFiles('src', '**/*.ts'), ...readSourceFiles('python', '**/*.py')]
    .map(({ text }) => text)
    .join('\n');
  const names = documents.flatMap(
    ({ text }) => text.match(/\bKEDRO_(?:SERVER|PROJECT)_\w+/g) ?? [],
  );
  expect(names).toContain('KEDRO_PROJECT_PATH');
  expect([...new Set(names)].filter((name) => !sources.includes(name))).toEqual([]);
});

test('links in documents lead somewhere', () => {
  const broken = documents.flatMap(({ path, links }) =>
    links.filter((link) => !existsSync(join(root, link))).map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});
