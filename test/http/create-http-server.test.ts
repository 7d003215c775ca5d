import { expect, test, vi } from 'vitest';

import { ProjectError, ServerSettingsError } from '../../src/errors.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createAnswerCheck } from './document-schemas.ts';
import { createMemoryExecutor, projectInfo } from './memory-executor.ts';
import { postRun, runOf } from './post-run.ts';
import { eventually } from '../eventually.ts';

const broken = new ProjectError('SyntaxError', "'(' was never closed", 'Traceback');
const runIdPattern = /^\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z$/;

/** An executor whose project cannot be opened until `repair()`. */
function createBrokenExecutor() {
  let isBroken = true;
  const executor = createMemoryExecutor({
    open: () => (isBroken ? Promise.reject(broken) : Promise.resolve(projectInfo)),
  });
  return { executor, repair: () => (isBroken = false) };
}

test('health is that of Kedro’s server', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const check = await createAnswerCheck(app);
  for (const _ of [1, 2]) {
    const response = await app.request('/health');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const text = await response.text();
    expect(text).toBe('{"status":"healthy","kedro_version":"1.7.0"}');
    check('GET', '/health', 200, JSON.parse(text));
  }
});

test('ready() opens the project, once', async () => {
  const executor = createMemoryExecutor();
  const app = createHttpServer({ executor });
  expect(executor.openCount).toBe(0);
  expect(await Promise.all([app.ready(), app.ready()])).toEqual([projectInfo, projectInfo]);
  await app.ready();
  await app.request('/health');
  expect(executor.openCount).toBe(1);
});

test('requests that come together open the project once', async () => {
  const opened = Promise.withResolvers<typeof projectInfo>();
  const executor = createMemoryExecutor({ open: () => opened.promise });
  const app = createHttpServer({ executor });
  const answers = ['/health', '/snapshot', '/openapi.json', '/health'].map((path) =>
    app.request(path),
  );
  const run = postRun(app);
  opened.resolve(projectInfo);
  const responses = await Promise.all([...answers, run]);
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(executor.openCount).toBe(1);
});

test('a project that cannot be opened is said by every route, and is tried again', async () => {
  const { executor, repair } = createBrokenExecutor();
  const app = createHttpServer({ executor });
  await expect(app.ready()).rejects.toBe(broken);

  const health = await app.request('/health');
  expect(health.status).toBe(503);
  expect(await health.json()).toEqual({ status: 'unhealthy', kedro_version: 'unknown' });

  const error = { type: 'SyntaxError', message: "'(' was never closed" };
  const snapshot = await app.request('/snapshot');
  expect(snapshot.status).toBe(200);
  expect(await snapshot.json()).toEqual({ status: 'failure', error });

  const run = await postRun(app);
  expect(run.status).toBe(200);
  expect(await run.json()).toEqual({
    status: 'failure',
    run_id: expect.stringMatching(runIdPattern) as string,
    duration_ms: expect.any(Number) as number,
    error,
  });
  expect((await app.request('/openapi.json')).status).toBe(200);

  repair();
  expect(await runOf(postRun(app))).toMatchObject({ status: 'success' });
  expect((await app.request('/health')).status).toBe(200);
  const document = (await (await app.request('/openapi.json')).json()) as { info: object };
  expect(document.info).toMatchObject({ version: '1.7.0' });
});

test('health is told at once while the project is being opened again', async () => {
  const again = Promise.withResolvers<typeof projectInfo>();
  const attempts = [Promise.reject(broken), again.promise];
  const executor = createMemoryExecutor({ open: () => attempts.shift() ?? again.promise });
  const app = createHttpServer({ executor });
  expect((await app.request('/health')).status).toBe(503);
  expect((await app.request('/health')).status).toBe(503);
  expect(executor.openCount).toBe(2);
  again.resolve(projectInfo);
  await app.ready();
  expect((await app.request('/health')).status).toBe(200);
  expect(executor.openCount).toBe(2);
});

test('an open() that throws at once can be tried again', async () => {
  let failures = 1;
  const executor = createMemoryExecutor({
    open: () => {
      if (failures-- > 0) throw new ServerSettingsError('No project.');
      return Promise.resolve(projectInfo);
    },
  });
  const app = createHttpServer({ executor });
  expect(await runOf(postRun(app))).toMatchObject({
    error: { type: 'ServerSettingsError', message: 'No project.' },
  });
  expect(await runOf(postRun(app))).toMatchObject({ status: 'success' });
});

test('close() refuses new runs, lets running ones end, then closes the executor', async () => {
  const end = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const executor = createMemoryExecutor({
    run: () => {
      started.resolve();
      return { mayEnd: end.promise };
    },
  });
  const app = createHttpServer({ executor });
  const running = postRun(app);
  await started.promise;
  const closed = app.close();

  for (const refused of [await postRun(app), await app.request('/snapshot')]) {
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toEqual({
      detail: expect.stringContaining('shutting down') as string,
    });
  }
  const health = await app.request('/health');
  expect(health.status).toBe(503);
  expect(await health.json()).toEqual({ status: 'unhealthy', kedro_version: '1.7.0' });

  expect(executor.isClosed).toBe(false);
  end.resolve();
  expect(await runOf(running)).toMatchObject({ status: 'success' });
  await closed;
  expect(executor.isClosed).toBe(true);
  await app.close();
});

test('a run that meets a closed executor is refused like any other', async () => {
  const opened = Promise.withResolvers<typeof projectInfo>();
  const executor = createMemoryExecutor({ open: () => opened.promise });
  const app = createHttpServer({ executor });
  const requests = [postRun(app), Promise.resolve(app.request('/snapshot'))];
  await eventually(() => expect(executor.openCount).toBe(1));
  const closed = app.close();
  opened.resolve(projectInfo);
  const responses = await Promise.all(requests);
  expect(responses.map(({ status }) => status)).toEqual([503, 503]);
  await closed;
});

test('await using closes the server', async () => {
  const executor = createMemoryExecutor();
  {
    await using app = createHttpServer({ executor });
    await app.ready();
  }
  expect(executor.isClosed).toBe(true);
});

test('two servers share no state', async () => {
  const [one, two] = [createMemoryExecutor(), createMemoryExecutor()];
  const apps = [createHttpServer({ executor: one }), createHttpServer({ executor: two })] as const;
  await apps[0].ready();
  expect(two.openCount).toBe(0);
  await apps[0].close();
  expect(await runOf(postRun(apps[1]))).toMatchObject({ status: 'success' });
  expect(one.orders).toEqual([]);
  expect(two.orders).toHaveLength(1);
});

test('run events are seen by the observer, with the run they belong to', async () => {
  const seen: [string, string, string][] = [];
  const app = createHttpServer({
    executor: createMemoryExecutor(),
    onRunEvent: (id, order, event) => seen.push([id, order.runId, event.type]),
  });
  const { run_id: saveVersion } = await runOf(postRun(app));
  const id = seen[0]?.[0];
  expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/);
  expect(seen).toEqual([
    [id, saveVersion, 'run.queued'],
    [id, saveVersion, 'run.started'],
    [id, saveVersion, 'run.ended'],
  ]);
});

test('an error that nothing throws on purpose is told and answered without its text', async () => {
  const onUnexpectedError = vi.fn<(error: Error) => void>();
  const app = createHttpServer({
    executor: createMemoryExecutor(),
    onUnexpectedError,
    docsAssets: { read: () => Promise.reject(new Error('/secret/path')) },
  });
  const response = await app.request('/docs/swagger-ui.css');
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ detail: 'Internal Server Error' });
  expect(onUnexpectedError).toHaveBeenCalledExactlyOnceWith(new Error('/secret/path'));
});
