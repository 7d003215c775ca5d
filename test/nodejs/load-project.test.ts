import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  createHttpServer,
  loadProject,
  type ProjectServerOptions,
} from '../../src/adapters/node.ts';
import { postRun, runOf } from '../http/post-run.ts';
import type { TemporaryFolder } from './temporary-folder.ts';
import { createTypescriptProject } from './typescript-project-folder.ts';

async function readData(folder: TemporaryFolder, name: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folder.path, 'data', name), 'utf8'));
}

/** Runs the default pipeline of a project, in a server of its own. */
async function runOnce(
  folder: TemporaryFolder,
  options: ProjectServerOptions = {},
  body: object = {},
) {
  await using app = createHttpServer({ projectPath: folder.path, ...options });
  return await runOf(postRun(app, body));
}

test('a project of the usual layout runs, whatever the working directory is', async () => {
  await using folder = await createTypescriptProject();
  await using app = createHttpServer({ projectPath: folder.path });
  expect(await app.ready()).toMatchObject({
    projectName: 'Sums',
    packageName: 'sums',
    kedroVersion: '1.7.0',
  });
  expect(await runOf(postRun(app, {}))).toMatchObject({ status: 'success' });
  expect(await readData(folder, 'total.json')).toBe(12);
  const snapshot = (await (await app.request('/snapshot')).json()) as { pipelines: object[] };
  expect(snapshot.pipelines).toMatchObject([
    { name: '__default__', nodes: [{ name: 'scale' }, { name: 'sum' }] },
    { name: 'scale', nodes: [{ name: 'scale' }] },
    { name: 'sum', nodes: [{ name: 'sum' }] },
  ]);
});

test('the definition tells where it is from, in data that a thread can be sent', async () => {
  await using folder = await createTypescriptProject();
  const confSource = path.join(folder.path, 'conf');
  const { location } = await loadProject(folder.path, { env: 'staging', confSource });
  expect(structuredClone(location)).toEqual({
    projectPath: folder.path,
    env: 'staging',
    confSource,
  });
});

test('what one file says is the default of the options', async () => {
  await using folder = await createTypescriptProject({
    'src/pipeline_registry.ts': null,
    'src/project.ts': `
import { node, pipeline } from 'kedro-server';
const scale = (numbers: number[], factor: number) => numbers.length * factor;
export const project = {
  env: 'own',
  config: {
    'base/catalog.yml': 'numbers: { type: json.JSONDataset, filepath: data/numbers.json }\\n' +
      'total: { type: json.JSONDataset, filepath: data/total.json }',
    'base/parameters.yml': '',
    'own/parameters.yml': 'factor: 10',
    'other/parameters.yml': 'factor: 100',
  },
  pipelines: { __default__: pipeline([node(scale, ['numbers', 'params:factor'], 'total')]) },
};
`,
  });
  const runs: [ProjectServerOptions, number][] = [
    [{}, 30],
    [{ env: 'other' }, 300],
    [{ env: '' }, 30],
    [{ confSource: path.join(folder.path, 'conf'), env: 'base' }, 6],
  ];
  for (const [options, total] of runs) {
    expect(await runOnce(folder, options)).toMatchObject({ status: 'success' });
    expect(await readData(folder, 'total.json')).toBe(total);
  }
});

test('one file can be the whole project, and another folder its source', async () => {
  await using folder = await createTypescriptProject({
    'package.json': JSON.stringify({
      type: 'module',
      kedro: { projectName: 'Sums', packageName: 'sums', kedroVersion: '1.6.0', sourceDir: 'lib' },
    }),
    'src/pipeline_registry.ts': null,
    'lib/project.js': `
import { defineProject, node, pipeline } from 'kedro-server';
const sum = (numbers) => numbers.length;
export const project = defineProject({
  projectName: 'Counts',
  packageName: 'counts',
  pipelines: async () => ({ __default__: pipeline([node(sum, 'numbers', 'total')]) }),
});
`,
  });
  await using app = createHttpServer({ projectPath: folder.path });
  expect(await app.ready()).toMatchObject({ projectName: 'Counts', kedroVersion: '1.6.0' });
  expect(await runOf(postRun(app, {}))).toMatchObject({ status: 'success' });
  expect(await readData(folder, 'total.json')).toBe(3);
});

test('datasets of Node.js are there by their names, and those of the settings', async () => {
  await using folder = await createTypescriptProject({
    'conf/base/catalog.yml': `
numbers: { type: Numbers, count: 4 }
squares: { type: duckdb.FileDataset, filepath: data/squares.parquet }
kept: { type: duckdb.TableDataset, table_name: kept }
rows: { type: pandas.SQLTableDataset, table_name: squares, credentials: database }
`,
    'conf/base/credentials.yml': 'database: { con: sqlite:///data/squares.db }\n',
    'src/settings.ts': `
import type { Dataset, DatasetOptions, ProjectSettings } from 'kedro-server';
import { DuckdbRelation } from 'kedro-server';

class Numbers implements Dataset {
  #count: number;
  constructor(options: DatasetOptions) { this.#count = Number(options['count']); }
  async load() { return Array.from({ length: this.#count }, (_, index) => index); }
  async save() {}
  async exists() { return true; }
  async release() {}
  describe() { return {}; }
}

export const settings: ProjectSettings = { datasetTypes: { Numbers } };
`,
    'src/pipeline_registry.ts': `
import { node, pipeline, type DuckdbRelation } from 'kedro-server/node';
const keep = async (relation: DuckdbRelation) => relation;
const toRows = async (relation: DuckdbRelation) => await relation.rows();
export const registerPipelines = () => ({
  __default__: pipeline([
    node(keep, 'squares', 'kept', { name: 'keep' }),
    node(toRows, 'kept', 'rows', { name: 'rows' }),
    node((rows: object[], numbers: number[]) => rows.length + numbers.length, ['rows', 'numbers'], 'total_json'),
  ]),
});
`,
  });
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const file = path.join(folder.path, 'data/squares.parquet');
  await connection.run(`COPY (SELECT i, i * i AS square FROM range(5) t(i)) TO '${file}'`);
  connection.closeSync();
  instance.closeSync();
  const catalog = path.join(folder.path, 'conf/base/catalog.yml');
  const text = await readFile(catalog, 'utf8');
  await folder.write(
    'conf/base/catalog.yml',
    `${text}"{name}_json": { type: json.JSONDataset, filepath: "data/{name}.json" }\n`,
  );
  await using app = createHttpServer({ projectPath: folder.path });
  expect(await runOf(postRun(app, {}))).toMatchObject({ status: 'success' });
  expect(await readData(folder, 'total.json')).toBe(9);
  const unknown = await runOf(postRun(app, { from_nodes: ['rows'] }));
  expect(unknown).toMatchObject({ status: 'failure' });
  expect(JSON.stringify(unknown)).toContain('kept');
});

test('the environment is the option, and KEDRO_ENV only for runs', async () => {
  await using folder = await createTypescriptProject({
    'conf/staging/parameters.yml': 'factor: 10\nstaged: true\n',
    'conf/other/parameters.yml': 'factor: 100\n',
    'elsewhere/base/catalog.yml': '',
  });
  expect(await runOnce(folder, { env: 'staging' })).toMatchObject({ status: 'success' });
  expect(await readData(folder, 'total.json')).toBe(60);
  vi.stubEnv('KEDRO_ENV', 'staging');
  try {
    await using app = createHttpServer({ projectPath: folder.path });
    expect(await runOf(postRun(app, {}))).toMatchObject({ status: 'success' });
    expect(await readData(folder, 'total.json')).toBe(60);
    const snapshot = (await (await app.request('/snapshot')).json()) as { parameters: string[] };
    expect(snapshot.parameters).toEqual(['factor']);
    await runOnce(folder, { env: 'other' });
    expect(await readData(folder, 'total.json')).toBe(600);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('configuration may lie elsewhere, also behind links', async () => {
  await using folder = await createTypescriptProject();
  await mkdir(path.join(folder.path, 'mounted/base'), { recursive: true });
  await folder.write('secret/parameters.yml', 'factor: 7\n');
  for (const [from, to] of [
    ['conf/base/catalog.yml', 'mounted/base/catalog.yml'],
    ['secret', 'mounted/base/parameters'],
    ['mounted', 'mounted/base/circle'],
  ] as const) {
    await symlink(path.join(folder.path, from), path.join(folder.path, to));
  }
  const confSource = path.join(folder.path, 'mounted');
  expect(await runOnce(folder, { confSource })).toMatchObject({ status: 'success' });
  expect(await readData(folder, 'total.json')).toBe(42);
  await using archived = createHttpServer({ projectPath: folder.path, confSource: 'conf.zip' });
  await expect(archived.ready()).rejects.toThrow(/^The configuration '.*conf\.zip' is no folder\./);
});

test('a project without conf has an empty snapshot, and its runs fail', async () => {
  await using folder = await createTypescriptProject({
    'conf/base/catalog.yml': null,
    'conf/base/parameters.yml': null,
  });
  await using app = createHttpServer({ projectPath: folder.path });
  expect(await (await app.request('/snapshot')).json()).toMatchObject({
    status: 'success',
    datasets: {},
    parameters: [],
  });
  expect(await runOf(postRun(app, {}))).toMatchObject({
    status: 'failure',
    error: { type: 'MissingConfigException', message: expect.stringContaining('"base"') },
  });
});

test.each<[string, Record<string, string | null>, string, string | RegExp]>([
  [
    'no registry',
    { 'src/pipeline_registry.ts': null },
    'ModuleNotFoundError',
    "there is neither 'src/pipeline_registry.ts', which exports 'registerPipelines', nor 'src/project.ts'",
  ],
  [
    'a registry that exports nothing',
    { 'src/pipeline_registry.ts': 'const registerPipelines = 1;' },
    'AttributeError',
    "'src/pipeline_registry.ts' does not export 'registerPipelines': it exports nothing.",
  ],
  [
    'a registry that exports by another name',
    { 'src/pipeline_registry.ts': 'export const registerPipeline = () => ({});' },
    'AttributeError',
    "does not export 'registerPipelines': it exports registerPipeline.",
  ],
  [
    'a registry by default',
    { 'src/pipeline_registry.ts': 'export default () => ({});' },
    'AttributeError',
    'Export it by its name instead of as default.',
  ],
  [
    'a registry that returns a list',
    { 'src/pipeline_registry.ts': 'export const registerPipelines = () => 1;' },
    'TypeError',
    "must be an object of pipelines by name, not 'number'",
  ],
  [
    'a registry that throws',
    {
      'src/pipeline_registry.ts':
        '\nexport function registerPipelines() {\n  throw new RangeError("no luck");\n}',
    },
    'RangeError',
    /^src\/pipeline_registry\.ts:3:\d+: no luck$/,
  ],
  [
    'settings that are no object',
    { 'src/settings.ts': 'export const settings = 1;' },
    'TypeError',
    "'settings' of 'src/settings.ts' has to be an object, not 'number'.",
  ],
  [
    'two definitions',
    { 'src/project.ts': 'export const project = {};' },
    'TypeError',
    "The project is defined twice, by 'src/project.ts' and by 'src/pipeline_registry.ts'.",
  ],
])('%s: the error says which file, and what to do', async (_, changes, type, message) => {
  await using folder = await createTypescriptProject(changes);
  await using app = createHttpServer({ projectPath: folder.path });
  await expect(app.ready()).rejects.toMatchObject({
    code: 'project-broken',
    type,
    message:
      typeof message === 'string'
        ? expect.stringContaining(message)
        : expect.stringMatching(message),
  });
  expect((await app.request('/health')).status).toBe(503);
});
