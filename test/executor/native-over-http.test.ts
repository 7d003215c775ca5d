import { expect, test } from 'vitest';

import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createAnswerCheck } from '../http/document-schemas.ts';
import { postRun, runOf } from '../http/post-run.ts';
import { createExampleProject } from '../project/example-project.ts';

function serve() {
  const project = createExampleProject();
  const executor = createNativeExecutor({ project: project.definition });
  return { ...project, app: createHttpServer({ executor }) };
}

test('/health names the version of Kedro', async () => {
  const { app } = serve();
  const response = await app.request('/health');
  expect(await response.json()).toEqual({ status: 'healthy', kedro_version: '1.7.0' });
});

test('/snapshot describes the project', async () => {
  const { app } = serve();
  const response = await app.request('/snapshot?params=extra=1');
  const body = (await response.json()) as object;
  expect(body).toMatchObject({
    status: 'success',
    metadata: { project_name: 'Example', package_name: 'example', kedro_version: '1.7.0' },
    datasets: { saved_json: { filepath: 'data/saved.json' } },
    parameters: ['by_resolver', 'extra', 'model', 'tenant'],
  });
  (await createAnswerCheck(app))('GET', '/snapshot', 200, body);
  const refused = await app.request('/snapshot?params=wrong');
  expect(await refused.json()).toMatchObject({
    status: 'failure',
    error: {
      type: 'ValueError',
      message: expect.stringContaining("Invalid 'params' value: 'wrong'"),
    },
  });
});

test('/run runs', async () => {
  const { app, readText } = serve();
  const response = await postRun(app, {
    pipeline_names: ['describe'],
    runner: 'ThreadRunner',
    params: { tenant: 'acme', exact: 12345678901234567890n.toString() },
  });
  const body = await runOf(response);
  expect(body).toMatchObject({ status: 'success' });
  (await createAnswerCheck(app))('POST', '/run', 200, body);
  expect(JSON.parse(await readText('data/described.json'))).toMatchObject({ tenant: 'acme' });
});

test('/run saves versions under its run id', async () => {
  const { app, files } = serve();
  const { run_id } = await runOf(postRun(app, { pipeline_names: ['stamped'] }));
  expect(await files.list('data/stamped.json')).toEqual([`${run_id}/stamped.json`]);
});

test.each([
  [{ pipeline_names: ['memroy'] }, 'ValueError', /'memroy'.*Did you mean one of these instead/s],
  [{ runner: 'NoRunner' }, 'AttributeError', /NoRunner/],
  [{ runner: 'os.system' }, 'ValueError', /Runner module 'os' is not allowed/],
  [{ node_names: ['nobody'] }, 'ValueError', /nobody/],
  [{ tags: ['nobody'] }, 'ValueError', /no nodes after applying all provided filters/],
  [{ load_versions: { nobody: 'x' } }, 'DatasetNotFoundError', /\[nobody\]/],
])('/run answers %j as Kedro does', async (request, type, message) => {
  const { app } = serve();
  const body = await runOf(postRun(app, request));
  expect(body).toMatchObject({
    status: 'failure',
    error: { type, message: expect.stringMatching(message) },
  });
});

test('runs at once do not read each other’s parameters', async () => {
  const { app, readText } = serve();
  const tenants = Array.from({ length: 50 }, (_, index) => `t${index}`);
  const request = (tenant: string) => ({ pipeline_names: ['describe'], params: { tenant } });
  const answers = await Promise.all(tenants.map((tenant) => runOf(postRun(app, request(tenant)))));
  expect(answers.every(({ status }) => status === 'success')).toBe(true);
  expect(new Set(answers.map(({ run_id }) => run_id)).size).toBe(tenants.length);
  const last = JSON.parse(await readText('data/described.json')) as Record<string, unknown>;
  expect(last['by_resolver']).toBe(last['tenant']);
});
