import { mkdir, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createParallelProject, type ParallelProject } from './parallel-project.ts';
import { createTemporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

const catalog = `
_below: "data/\${runtime_params:name, none}"
_places: { near: data/near, far: OUTSIDE/far }

part: { type: json.JSONDataset, filepath: "data/\${runtime_params:name, none}.json" }
whole: { type: json.JSONDataset, filepath: "\${runtime_params:path, data/none.json}" }
start: { type: json.JSONDataset, filepath: "\${runtime_params:path, data}/out.json" }
step: { type: json.JSONDataset, filepath: "data/.\${runtime_params:name, x}/out.json" }
indirect: { type: json.JSONDataset, filepath: "\${_below}/out.json" }
rooted: { type: json.JSONDataset, filepath: "\${globals:root}/\${runtime_params:name, none}.json" }
chosen: { type: json.JSONDataset, filepath: "\${_places.\${runtime_params:place, near}}.json" }
fallback: { type: json.JSONDataset, filepath: "\${runtime_params:path, OUTSIDE/fallback.json}" }
nested:
  type: partitions.PartitionedDataset
  path: data/parts
  dataset: { type: json.JSONDataset, save_args: { indent: 0 } }
  filename_suffix: "\${runtime_params:suffix, .json}"
cached: { type: CachedDataset, dataset: { type: json.JSONDataset, filepath: "data/\${runtime_params:name, none}.json" } }
separated: { type: csv.CSVDataset, filepath: data/rows.csv, save_args: { sep: "\${runtime_params:sep, ','}" } }
absolute: { type: text.TextDataset, filepath: "\${runtime_params:path, data/none.txt}" }
url: { type: json.JSONDataset, filepath: "file://OUTSIDE/\${runtime_params:name, none}.json" }
versioned: { type: json.JSONDataset, filepath: data/versioned.json, versioned: true }
placed: { type: partitions.PartitionedDataset, path: OUTSIDE/parts, dataset: json.JSONDataset, filename_suffix: "\${runtime_params:suffix, .json}" }
"{name}_made": { type: json.JSONDataset, filepath: "data/\${runtime_params:name, none}/{name}.json" }
`;

const registry = `
import { node, pipeline } from 'kedro-server';
const names = ['part', 'whole', 'start', 'step', 'indirect', 'rooted', 'chosen', 'fallback', 'cached', 'some_made', 'absolute', 'url', 'versioned'];
const save = (name: string) => pipeline([node(() => ({ name }), null, name, { name: 'save_' + name })]);
export function registerPipelines() {
  return {
    ...Object.fromEntries(names.map((name) => [name, save(name)])),
    placed: pipeline([node(() => ({ a: 1 }), null, 'placed', { name: 'save_placed' })]),
    read: pipeline([node((it: unknown) => it, 'versioned', 'found', { name: 'read_versioned' })]),
    nested: pipeline([node(() => ({ a: 1 }), null, 'nested', { name: 'save_nested' })]),
    separated: pipeline([node(() => [{ a: 1, b: 2 }], null, 'separated', { name: 'save_separated' })]),
  };
}
`;

let outside: TemporaryFolder;
let project: ParallelProject;
let trusting: ParallelProject;
let listing: ParallelProject;

async function open(isTrusted: boolean, roots: readonly string[] = []): Promise<ParallelProject> {
  const files = {
    'conf/base/catalog.yml': catalog.replaceAll('OUTSIDE', outside.path),
    'conf/base/globals.yml': `root: ${outside.path}\n`,
    'src/pipeline_registry.ts': registry,
    'src/settings.ts': 'export const settings = { maxThreads: 1 };',
  };
  const opened = await createParallelProject(files, { isTrusted, roots });
  await mkdir(join(opened.path, 'data'), { recursive: true });
  await symlink(outside.path, join(opened.path, 'data/link'));
  await symlink(join(outside.path, 'not-there'), join(opened.path, 'data/dangling'));
  return opened;
}

beforeAll(async () => {
  outside = createTemporaryFolder();
  await outside.write('here.txt', '');
  await symlink(tmpdir(), join(outside.path, 'away'));
  project = await open(false);
  trusting = await open(true);
  listing = await open(false, [outside.path]);
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await trusting[Symbol.asyncDispose]();
  await listing[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

async function run(name: string, params: object, runner = 'SequentialRunner', on = project) {
  const { error } = await on.run({
    pipelineNames: [name],
    paramsJson: JSON.stringify(params),
    runner,
  });
  return error;
}

test.each([
  ['part', { name: 'fine' }, 'data/fine.json'],
  ['part', { name: 'deep/er' }, 'data/deep/er.json'],
  ['part', { name: '/etc' }, 'data/etc.json'],
  ['part', { name: 'a..b' }, 'data/a..b.json'],
  ['whole', { path: 'data/own.json' }, 'data/own.json'],
  ['start', {}, 'data/out.json'],
  ['step', { name: 'hidden' }, 'data/.hidden/out.json'],
  ['indirect', { name: 'below' }, 'data/below/out.json'],
  ['chosen', { place: 'near' }, 'data/near.json'],
  ['some_made', { name: 'tenant' }, 'data/tenant/some.json'],
])('%s with %j is saved below the project', async (name, params, file) => {
  expect(await run(name, params)).toBeUndefined();
  const saved = JSON.parse(await readFile(join(project.path, file), 'utf8')) as object;
  expect(saved).toEqual({ name });
});

test('what the catalog itself writes elsewhere stays as it is', async () => {
  expect(await run('fallback', {})).toBeUndefined();
  expect(JSON.parse(await readFile(join(outside.path, 'fallback.json'), 'utf8'))).toEqual({
    name: 'fallback',
  });
  expect(await run('rooted', { name: 'deep/er' })).toBeUndefined();
  expect(await readFile(join(outside.path, 'deep/er.json'), 'utf8')).toContain('rooted');
  expect(await run('chosen', { place: 'far' })).toBeUndefined();
  expect(await readFile(join(outside.path, 'far.json'), 'utf8')).toContain('chosen');
  expect(await run('separated', { sep: '/' })).toBeUndefined();
  expect(await readFile(join(project.path, 'data/rows.csv'), 'utf8')).toBe('a/b\n1/2\n');
});

test.each([
  ['part', { name: '../../out' }],
  ['part', { name: '..\\out' }],
  ['whole', { path: '/tmp/out.json' }],
  ['whole', { path: '../out.json' }],
  ['whole', { path: 'data/../../out.json' }],
  ['whole', { path: 'file:///tmp/out.json' }],
  ['whole', { path: 'http://127.0.0.1/out.json' }],
  ['whole', { path: 'C:\\out.json' }],
  ['start', { path: '/tmp' }],
  ['step', { name: './x' }],
  ['indirect', { name: '../..' }],
  ['nested', { suffix: '/../../../out.json' }],
  ['cached', { name: '../out' }],
  ['some_made', { name: '../..' }],
  ['rooted', { name: '../out' }],
  ['url', { name: '../out' }],
  ['url', { name: '%2e%2e/out' }],
  ['whole', { path: '~/out.json' }],
  ['whole', { path: ' http://127.0.0.1/out.json' }],
  ['whole', { path: 'data/\0/out.json' }],
])('%s with %j leads out and is refused', async (name, params) => {
  expect(await run(name, params)).toMatchObject({
    code: 'path-outside',
    message: expect.stringMatching(
      /^Dataset "[^"]+" takes "[\w.]+" from the runtime parameter "(?:name|path|suffix)", which makes it lead elsewhere\..+--param-roots/u,
    ),
  });
});

test.each([
  ['part', { name: 'link/out' }],
  ['part', { name: 'dangling/out' }],
  ['start', { path: 'data/link' }],
  ['indirect', { name: 'link' }],
  ['cached', { name: 'link/out' }],
  ['some_made', { name: 'link' }],
  ['rooted', { name: 'away/out' }],
])('%s with %j goes through a link, here and in a thread', async (name, params) => {
  for (const runner of ['SequentialRunner', 'ParallelRunner']) {
    expect(await run(name, params, runner)).toMatchObject({
      name: 'DatasetError',
      message: expect.stringContaining('leads out of the project'),
    });
  }
});

test.each([
  'conf/local/credentials.yml',
  'src/pipeline_registry.ts',
  'package.json',
  'node_modules/a/index.js',
  '.env',
  './data/../conf/x',
])('code and configuration are not data: %s', async (path) => {
  const error = await run('absolute', { path });
  expect(error).toMatchObject({
    message: expect.stringMatching(/from the runtime parameter .path/u),
  });
  expect(await readFile(join(project.path, 'src/pipeline_registry.ts'), 'utf8')).toBe(registry);
});

test('an absolute path to data of the project is one to the project', async () => {
  expect(await run('whole', { path: join(project.path, 'data/absolute.json') })).toBeUndefined();
  expect(await run('whole', { path: join(project.path, 'conf/x.json') })).toMatchObject({
    code: 'path-refused',
  });
});

test('what the catalog writes beside a parameter stays as it is', async () => {
  expect(await run('placed', { suffix: '.txt' })).toBeUndefined();
  expect(await readFile(join(outside.path, 'parts/a.txt'), 'utf8')).toContain('1');
});

test('places that are listed are open, without what links from there', async () => {
  const path = join(outside.path, 'listed.json');
  expect(await run('whole', { path }, 'SequentialRunner', listing)).toBeUndefined();
  expect(await run('whole', { path }, 'ParallelRunner', listing)).toBeUndefined();
  expect(await run('part', { name: 'link/listed' }, 'SequentialRunner', listing)).toBeUndefined();
  const beyond = join(outside.path, 'away/listed.json');
  expect(await run('whole', { path: beyond }, 'SequentialRunner', listing)).toMatchObject({
    code: 'path-refused',
    message: expect.stringContaining("takes 'filepath' from the runtime parameter 'path'"),
  });
  expect(await run('whole', { path: '/etc/out.json' }, 'SequentialRunner', listing)).toMatchObject({
    code: 'path-outside',
  });
});

test('a version that a request names is none that links elsewhere', async () => {
  const folder = join(project.path, 'data/versioned.json');
  await mkdir(folder, { recursive: true });
  await symlink(outside.path, join(folder, 'away'));
  await outside.write('versioned.json', '"secret"');
  for (const [on, version, expected] of [
    [project, 'away', 'leads out of the project'],
    [project, '..', 'is not allowed'],
    [project, 'a/b', 'is not allowed'],
    [listing, 'not-there', 'No such file'],
  ] as const) {
    const { error } = await on.run({
      pipelineNames: ['read'],
      loadVersions: { versioned: version },
      runner: 'SequentialRunner',
    });
    expect(error).toMatchObject({ message: expect.stringContaining(expected) });
  }
});

test('a team that trusts its callers lets them', async () => {
  const path = join(outside.path, 'trusted.json');
  expect(await run('whole', { path }, 'SequentialRunner', trusting)).toBeUndefined();
  expect(await run('part', { name: 'link/linked' }, 'SequentialRunner', trusting)).toBeUndefined();
  expect(await readFile(join(outside.path, 'linked.json'), 'utf8')).toContain('part');
});
