import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { knownPaths } from '../../src/http/known-paths.ts';
import { loopbackHosts } from '../../src/index.ts';
import { createMemoryExecutor } from './memory-executor.ts';
import { problemOf } from './shop-server.ts';

const app = 'http://app.example.org';
/** What Chromium sends with `fetch()` from a page on another port of the same machine. */
const otherPort = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', origin: app };

function createGuarded(allowedOrigins: readonly string[] = []) {
  const executor = createMemoryExecutor();
  const options = { allowedHosts: loopbackHosts, allowedOrigins };
  return { server: createHttpServer({ executor, ...options }), executor };
}

/** Each route with each of its methods, and what no route takes. */
const requests = [
  ...knownPaths.flatMap(({ path, allow }) =>
    [...allow.split(', '), 'DELETE', 'OPTIONS'].map((method) => [method, path] as const),
  ),
  ['GET', '/runs/'] as const,
  ['GET', '/nothing'] as const,
  ['POST', '/nothing'] as const,
];

describe('no route is reached', () => {
  test.each(requests)('%s %s by another name', async (method, path) => {
    const { server, executor } = createGuarded();
    const url = path.replaceAll(/:\w+/g, 'x');
    const response = await server.request(url, { method, headers: { host: 'evil.example' } });
    expect(response.status).toBe(421);
    expect(executor.orders).toEqual([]);
  });

  test.each(requests)('%s %s by a page of another origin', async (method, path) => {
    const { server, executor } = createGuarded();
    const url = path.replaceAll(/:\w+/g, 'x');
    const response = await server.request(url, { method, headers: otherPort });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(executor.orders).toEqual([]);
  });
});

test('the refusal says what to do, in the form that the route has', async () => {
  const { server } = createGuarded();
  const byName = { headers: { host: 'evil.example:8000' } };
  const detail =
    "This server is not known as 'evil.example:8000'. Call it by an address that it listens on, or let it be known by that name too: --allowed-hosts of kedro-server start, allowedHosts of createHttpServer().";
  const kedros = await server.request('/health', byName);
  expect(await kedros.json()).toEqual({ detail });
  const ours = await server.request('/runs', byName);
  expect(ours.headers.get('x-request-id')).not.toBeNull();
  expect(await problemOf(ours)).toMatchObject({ code: 'host-unknown', status: 421, detail });
  expect(await problemOf(server.request('/runs', { headers: otherPort }))).toMatchObject({
    code: 'page-refused',
    status: 403,
    detail: `A page of another origin ('${app}') may not call this server. Let its origin in if it is yours: --allowed-origins of kedro-server start, allowedOrigins of createHttpServer().`,
  });
});

test('other requests are as they are without guards', async () => {
  const { server } = createGuarded();
  const plain = createHttpServer({ executor: createMemoryExecutor() });
  for (const [method, path] of requests) {
    const guarded = await server.request(path, { method });
    const bare = await plain.request(path, { method });
    expect([method, path, guarded.status]).toEqual([method, path, bare.status]);
    expect(guarded.headers.get('allow')).toEqual(bare.headers.get('allow'));
    expect(guarded.headers.get('location')).toEqual(bare.headers.get('location'));
  }
});

test('the guards hold where the server is mounted in another app', async () => {
  const { server } = createGuarded();
  const routed = new Hono().route('/kedro', server);
  const mounted = new Hono().all('/kedro/*', (c) => {
    const url = new URL(c.req.url);
    url.pathname = url.pathname.slice('/kedro'.length);
    return server.fetch(new Request(url, c.req.raw));
  });
  for (const outer of [routed, mounted]) {
    const headers = { host: 'evil.example' };
    expect((await outer.request('/kedro/snapshot', { headers })).status).toBe(421);
    expect((await outer.request('/kedro/snapshot')).status).toBe(200);
  }
});

describe('CORS', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      ...otherPort,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  };

  test('is there for the origins that are listed', async () => {
    const { server } = createGuarded([app]);
    const allowed = await server.request('/runs', preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(app);
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    const read = await server.request('/runs/x', { headers: otherPort });
    expect(read.status).toBe(404);
    expect(read.headers.get('access-control-allow-origin')).toBe(app);
    expect(read.headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(read.headers.get('vary')).toBe('Origin');
  });

  test('is not there for others', async () => {
    const { server } = createGuarded([app]);
    const headers = { ...preflight.headers, origin: 'http://evil.example' };
    for (const method of ['OPTIONS', 'POST']) {
      const response = await server.request('/runs', { method, headers });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('is off without a list', async () => {
    const server = createHttpServer({ executor: createMemoryExecutor() });
    const response = await server.request('/runs', { headers: otherPort });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect((await server.request('/runs', preflight)).status).toBe(405);
  });
});
