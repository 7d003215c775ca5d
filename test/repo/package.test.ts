import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { runTool } from './run-tool.ts';
import { createScratchFolder, type ScratchFolder } from './scratch-folder.ts';
import { readSourceFiles, root } from './source-files.ts';

/** What `npm pack` needs of a clean checkout. */
const checkout = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'tsconfig.json',
  'tsconfig.build.json',
  '.gitignore',
  'src',
  'python',
  'test/repo',
];

function filesBelow(folder: string): string[] {
  return globSync('**', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .toSorted();
}

let scratch: ScratchFolder;
/** The packed files, relative to the package. */
let packed: string[];

async function run(command: string, args: readonly string[]): Promise<string> {
  const { exitCode, output } = await runTool(command, args, { cwd: scratch.path });
  expect(exitCode, output).toBe(0);
  return output;
}

/** Type-checks a module of a program that has the package installed, and nothing of Node's. */
async function checkConsumer(text: string, conditions: readonly string[]) {
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
    module: 'preserve',
    moduleResolution: 'bundler',
    customConditions: conditions,
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(scratch.path, 'consumer.ts'), text);
  const config = JSON.stringify({ compilerOptions, files: ['consumer.ts'] });
  writeFileSync(join(scratch.path, 'tsconfig.json'), config);
  return await runTool('tsc', ['-p', scratch.path]);
}

beforeAll(async () => {
  // Bun takes paths from the nearest tsconfig.json, which would be the repository's.
  scratch = createScratchFolder({ 'package.json': '{}', 'tsconfig.json': '{}' });
  for (const path of checkout) {
    cpSync(join(root, path), join(scratch.path, 'checkout', path), { recursive: true });
  }
  const target = join(scratch.path, 'node_modules/kedro-server');
  mkdirSync(target, { recursive: true });
  await run('npm', ['pack', './checkout', '--pack-destination', scratch.path]);
  const [tarball = ''] = globSync('kedro-server-*.tgz', { cwd: scratch.path });
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  packed = filesBelow(target);
  // As npm does when it installs a package.
  chmodSync(join(target, 'dist/cli/main.js'), 0o755);
  mkdirSync(join(scratch.path, 'node_modules/.bin'));
  symlinkSync(
    '../kedro-server/dist/cli/main.js',
    join(scratch.path, 'node_modules/.bin/kedro-server'),
  );
}, 120_000);

afterAll(() => scratch[Symbol.dispose]());

test('the package holds the built code and the whole Python program', () => {
  const python = filesBelow(join(root, 'python'))
    .filter((path) => !path.includes('__pycache__'))
    .map((path) => `python/${path}`);
  expect(python).toContain('python/start.py');
  expect(packed.filter((path) => path.startsWith('python/'))).toEqual(python);
  const built = readSourceFiles('src', '**/*.ts').map(({ path }) => `dist/${path.slice(0, -3)}`);
  expect(packed.filter((path) => path.startsWith('dist/'))).toEqual(
    built.flatMap((path) => [`${path}.d.ts`, `${path}.js`]).toSorted(),
  );
});

test('and nothing else', () => {
  const others = packed.filter((path) => !/^(?:dist|python)\//.test(path));
  expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
});

test('every path that the manifest exports is there', () => {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const paths = [...manifest.matchAll(/"(?:\.\/)?((?:dist|python)\/[^"]+)"/g)].map(
    ([, path]) => path,
  );
  expect(paths.length).toBeGreaterThan(4);
  expect(paths.filter((path) => path === undefined || !packed.includes(path))).toEqual([]);
});

test('npx kedro-server works where the package is installed', async () => {
  expect(await run('npx', ['kedro-server', '--help'])).toContain('kedro-server');
  expect(await run('npx', ['kedro-server', 'start', '--help'])).toContain('--workers');
});

test('a new project runs with the installed package, whose types fit it', async () => {
  await run('npx', ['kedro-server', 'new', 'shop']);
  const { exitCode, output } = await runTool('npx', ['kedro-server', 'run'], {
    cwd: join(scratch.path, 'shop'),
  });
  expect(output).toContain('Succeeded after');
  expect(exitCode).toBe(0);
  expect(await runTool('tsc', ['-p', join(scratch.path, 'shop')])).toMatchObject({
    output: '',
    exitCode: 0,
  });
});

test('the oldest Node.js that is supported runs it', async () => {
  const node = join(root, 'node_modules/node22/bin/node');
  const engines = /"node": ">=([\d.]+)"/.exec(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await run(node, ['--version'])).toBe(`v${engines?.[1]}.0\n`);
  const main = 'node_modules/kedro-server/dist/cli/main.js';
  expect(await run(node, [main, 'start', '--help'])).toContain('--workers');
});

test.each([
  ['node', 'node', []],
  ['deno', 'deno', ['run', '--allow-all']],
  ['bun', 'bun', []],
])('%s gets its own entry, which finds the project', async (runtime, command, args) => {
  const file = join(scratch.path, `${runtime}.mjs`);
  writeFileSync(
    file,
    `import * as named from 'kedro-server/${runtime}';
    import * as plain from 'kedro-server';
    console.log(named.serve === plain.serve, typeof plain.createHttpServer, typeof plain.serve);`,
  );
  expect((await run(command, [...args, file])).trim()).toBe('true function function');
});

test.each([
  ['deno', 'serve'],
  ['bun', 'serve'],
  ['workerd', 'createWorker'],
])('types for %s are those of its entry', async (condition, name) => {
  const text = `
    import { ${name} } from 'kedro-server';
    export const isTyped: 0 extends 1 & typeof ${name} ? 'any' : 'typed' = 'typed';`;
  expect(await checkConsumer(text, [condition])).toMatchObject({ output: '', exitCode: 0 });
});

test('elsewhere one gets the portable entries, whose types need none of Node', async () => {
  const text = `
    import { createHttpServer } from 'kedro-server';
    import * as entry from 'kedro-server';
    export const noProject: 0 extends 1 & ReturnType<typeof createHttpServer> ? 'any' : 'typed' = 'typed';
    export const noServe: 'serve' extends keyof typeof entry ? true : false = false;
    import { createClient, type Run } from 'kedro-server/client';
    const client = createClient({ url: 'http://localhost:8000' });
    export const run: Promise<Run> = client.run().then((result) => result.run);
    const answer = await client.api.livez.$get();
    export const ofApi: 0 extends 1 & typeof answer ? 'any' : 'typed' = 'typed';
    export const status: 'alive' = (await answer.json()).status;
    import { createRunTracer } from 'kedro-server/opentelemetry';
    export const traced = (executor: Parameters<typeof createHttpServer>[0]['executor']) =>
      createHttpServer({ executor, tracer: createRunTracer() });`;
  expect(await checkConsumer(text, [])).toMatchObject({ output: '', exitCode: 0 });
});
