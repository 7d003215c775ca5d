import { Hono } from 'hono';
import { mount } from 'hono/mount';
import { describe, expect, test } from 'vitest';

import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createMemoryExecutor, projectInfo } from './memory-executor.ts';
import { runOf } from './post-run.ts';

const app = createHttpServer({ executor: createMemoryExecutor() });

async function answerOf(response: Response | Promise<Response>): Promise<unknown> {
  const { status, headers, text } = Object.assign(await response, {});
  return [status, headers.get('allow'), headers.get('location'), await text.call(await response)];
}

describe('as Kedro’s server', () => {
  test.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'FOO'])(
    '%s of an unknown path is 404',
    async (method) => {
      for (const path of ['/', '/nope', '/nope/', '//health', '/HEALTH', '/run/nope', '/docs/x']) {
        const response = await app.request(`http://localhost${path}`, { method });
        expect(response.status, path).toBe(404);
        expect(response.headers.get('content-type')).toBe('application/json');
        expect(await response.json()).toEqual({ detail: 'Not Found' });
      }
    },
  );

  test.each([
    ['/health', 'GET', ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO']],
    ['/snapshot', 'GET', ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO']],
    ['/run', 'POST', ['HEAD', 'GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO']],
    ['/docs', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO']],
    ['/openapi.json', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'FOO']],
  ])('%s allows %s alone', async (path, allow, methods) => {
    for (const method of methods) {
      const response = await app.request(path, { method });
      expect(response.status, method).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
      expect(response.headers.get('content-type')).toBe('application/json');
      const text = await response.text();
      expect(text).toBe(method === 'HEAD' ? '' : '{"detail":"Method Not Allowed"}');
    }
  });

  test.each([
    ['/health/', '/health'],
    ['/health//', '/health'],
    ['/health%2F', '/health'],
    ['/run/', '/run'],
    ['/docs/', '/docs'],
    ['/openapi.json/', '/openapi.json'],
    ['/snapshot/?params=a=1,b=%20%C3%A9&x', '/snapshot?params=a=1,b=%20%C3%A9&x'],
    ['/snapshot/?a={|}^`"?/', '/snapshot?a=%7B%7C%7D%5E%60%22?/'],
  ])('%s is redirected to %s', async (path, target) => {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
      const response = await app.request(`http://127.0.0.1:8000${path}`, { method });
      expect(response.status).toBe(307);
      expect(response.headers.get('location')).toBe(`http://127.0.0.1:8000${target}`);
      expect(await response.text()).toBe('');
    }
  });

  test('HEAD of the documentation is answered without a body', async () => {
    const response = await app.request('/docs', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test('an escaped path is the same path', async () => {
    expect((await app.request('/heal%74h')).status).toBe(200);
  });
});

describe.each([
  ['route', (server: typeof app) => new Hono().route('/kedro', server)],
  ['mount', (server: typeof app) => new Hono().all('/kedro/*', mount(server.fetch))],
])('inside another app by %s()', (kind, wrap) => {
  const executor = createMemoryExecutor();
  const parent = wrap(createHttpServer({ executor, maxBodyBytes: 100 }));
  const post = (body: string) =>
    parent.request('/kedro/run', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

  test('every route is there', async () => {
    expect(await (await parent.request('/kedro/health')).json()).toMatchObject({
      kedro_version: projectInfo.kedroVersion,
    });
    const snapshot = await parent.request('/kedro/snapshot?params=a=1');
    expect(await snapshot.json()).toMatchObject({ status: 'success' });
    expect(executor.snapshots).toEqual(['a=1']);
    expect(await runOf(post('{"tags":["a"]}'))).toMatchObject({ status: 'success' });
    expect(executor.orders.at(-1)?.tags).toEqual(['a']);
    expect((await parent.request('/kedro/docs')).status).toBe(200);
  });

  test('the document says where its paths are', async () => {
    const document: unknown = await (await parent.request('/kedro/openapi.json')).json();
    // mount() takes the prefix away before the request arrives.
    const servers = kind === 'route' ? [{ url: '/kedro' }] : undefined;
    expect(document).toMatchObject({ openapi: '3.1.0' });
    expect((document as { servers?: unknown }).servers).toEqual(servers);
  });

  test('errors are mapped as outside', async () => {
    expect((await post('{"x":1}')).status).toBe(422);
    expect((await post(`{"tags":"${'x'.repeat(100)}"}`)).status).toBe(413);
    expect((await parent.request('/kedro/health', { method: 'HEAD' })).status).toBe(405);
    for (const path of ['/kedro/health', '/kedro/snapshot']) {
      const response = await parent.request(path, { method: 'POST' });
      expect(await answerOf(response)).toEqual([
        405,
        'GET',
        null,
        '{"detail":"Method Not Allowed"}',
      ]);
    }
    expect((await parent.request('/kedro/run')).status).toBe(405);
    expect((await parent.request('/kedro/nope')).status).toBe(404);
  });

  test('a slash too many is redirected', async () => {
    const response = await parent.request('http://localhost/kedro/health/?a=1');
    // mount() takes the prefix away before the request arrives.
    const prefix = kind === 'route' ? '/kedro' : '';
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe(`http://localhost${prefix}/health?a=1`);
  });
});

test('the parent app keeps its own errors', async () => {
  const parent = new Hono().route('/kedro', createHttpServer({ executor: createMemoryExecutor() }));
  parent.onError((error, c) => c.text(`parent: ${error.message}`, 500));
  parent.get('/own', () => {
    throw new Error('own');
  });
  expect(await (await parent.request('/own')).text()).toBe('parent: own');
  const refused = await parent.request('/kedro/run', { method: 'POST' });
  expect(refused.status).toBe(422);
});
