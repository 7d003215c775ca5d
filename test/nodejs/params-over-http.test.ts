import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createHttpServer } from '../../src/adapters/node.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const catalog = `
it: { type: text.TextDataset, filepath: "\${runtime_params:path, data/own.txt}" }
chosen: { type: "\${runtime_params:type, text.TextDataset}", filepath: data/own.txt }
`;

const registry = `
import { node, pipeline } from 'kedro-server';
export const registerPipelines = () => ({
  __default__: pipeline([node((it: string) => it, 'it', 'found', { name: 'read' })]),
  save: pipeline([node((text: string) => text, 'params:path', 'it', { name: 'save' })]),
  echo: pipeline([node((all: object) => all, 'parameters', 'found', { name: 'echo' })]),
});
`;

/** Says that it was imported. */
const evil = `
import { writeFileSync } from 'node:fs';
writeFileSync(new URL('../imported', import.meta.url), '');
export class EvilRunner {}
export const SequentialRunner = EvilRunner;
`;

const folder = createTemporaryFolder();
const outside = createTemporaryFolder();
const canary = join(outside.path, 'canary.txt');

beforeAll(async () => {
  const kedro = { projectName: 'Params', packageName: 'params' };
  await folder.write('package.json', JSON.stringify({ type: 'module', kedro }));
  await folder.write('conf/base/catalog.yml', catalog);
  await folder.write('conf/base/parameters.yml', 'path: none\n');
  await folder.write('conf/base/globals.yml', 'token: GLOBAL\n');
  await folder.write('conf/local/credentials.yml', 'own: { key: CREDENTIAL }\n');
  await folder.write('src/pipeline_registry.ts', registry);
  await folder.write('src/evil.ts', evil);
  await folder.write('data/own.txt', 'own');
  await outside.write('canary.txt', 'CANARY');
  await symlink(outside.path, join(folder.path, 'data/link'));
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

function open(options: { trustParams?: boolean; paramRoots?: string[] } = {}) {
  const app = createHttpServer({ projectPath: folder.path, ...options });
  const post = async (route: string, body: object) => {
    const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
    return await app.request(route, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  return {
    [Symbol.asyncDispose]: async () => app.close(),
    run: async (params: object, more: object = {}) =>
      (await (await post('/run', { params, ...more })).json()) as object,
    submit: async (body: object) => (await (await post('/runs', body)).json()) as { id: string },
    retry: async (id: string, params: object) =>
      (await (await post(`/runs/${id}/retry`, { params })).json()) as object,
    snapshot: async (params: string) =>
      await (await app.request(`/snapshot?params=${encodeURIComponent(params)}`)).text(),
  };
}

test('every route that takes params holds them to the same', async () => {
  await using server = open();
  const said = /it.+takes.+filepath.+from the runtime parameter .{1,3}path/u;
  for (const path of [canary, 'data/link/canary.txt', 'conf/local/credentials.yml', '../x']) {
    for (const pipelines of [['__default__'], ['save']]) {
      const answer = JSON.stringify(await server.run({ path }, { pipeline_names: pipelines }));
      expect(answer).toMatch(said);
      expect(answer).toContain('"failure"');
      expect(answer).not.toMatch(/CANARY|CREDENTIAL/u);
    }
    const run = await server.submit({ params: { path } });
    expect(run).toMatchObject({
      status: 'failed',
      error: { message: expect.stringMatching(said) },
    });
    const again = JSON.stringify(await server.retry(run.id, { path }));
    expect(again).not.toMatch(/CANARY|CREDENTIAL/u);
  }
  expect(await server.snapshot(`path=${canary}`)).toMatch(said);
  expect(await server.snapshot('type=json.JSONDataset')).toContain('must not select which dataset');
  expect(await server.run({ path: 'data/own.txt' })).toMatchObject({ status: 'success' });
  const echoed = { pipeline_names: ['echo'], outputs: ['found'] };
  const text = await server.submit({ params: { path: '${globals:token}' }, ...echoed });
  expect(JSON.stringify(text)).not.toContain('GLOBAL');
  expect(await readFile(canary, 'utf8')).toBe('CANARY');
});

test('the operator may list places, or trust all callers', async () => {
  await using listing = open({ paramRoots: [outside.path] });
  expect(await listing.run({ path: canary })).toMatchObject({ status: 'success' });
  expect(JSON.stringify(await listing.run({ path: '/etc/hostname' }))).toContain('--param-roots');
  await using trusting = open({ trustParams: true });
  expect(await trusting.run({ path: 'data/link/canary.txt' })).toMatchObject({ status: 'success' });
  expect(() => open({ paramRoots: ['data'] })).toThrow(
    "'data' is no place that paramRoots can list",
  );
});

test('no runner that a request names is imported', async () => {
  await using server = open();
  const place = join(folder.path, 'src/evil.ts');
  const names = ['evil', 'params.evil.EvilRunner', 'params.evil', './evil.ts', '../src/evil.ts'];
  for (const runner of [
    ...names,
    place,
    `file://${place}`,
    'kedro.runner.EvilRunner',
    '__proto__',
  ]) {
    expect(await server.run({}, { runner })).not.toHaveProperty('status', 'success');
  }
  expect(existsSync(join(folder.path, 'imported'))).toBe(false);
});
