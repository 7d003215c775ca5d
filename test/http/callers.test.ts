import { expect, test } from 'vitest';
import type { AuthOptions } from '../../src/door/authenticator.ts';
import type { Principal } from '../../src/door/principal.ts';
import { createShopServer, problemOf } from './shop-server.ts';

/** Callers are known by the header `x-user`, and may do everything with their own runs. */
function createServer(limits: AuthOptions['limits'], more: Partial<Principal> = {}) {
  const shop = createShopServer({
    auth: {
      limits,
      authenticate: ({ headers }) => {
        const user = headers.get('x-user');
        return user === null ? null : { id: user, scopes: ['read', 'run', 'cancel'], ...more };
      },
    },
  });
  const as = (user: string, others: Record<string, string> = {}) => ({
    'x-user': user,
    ...others,
  });
  return { ...shop, as };
}

test('more requests a minute than a caller may are 429, and others are served', async () => {
  const { app, as } = createServer({ requestsPerMinute: 2 });
  const ask = async (path: string, user: string) => app.request(path, { headers: as(user) });
  expect((await ask('/runs', 'alice')).status).toBe(200);
  expect((await ask('/snapshot', 'alice')).status).toBe(200);
  const ours = await ask('/runs', 'alice');
  expect(ours.headers.get('retry-after')).toBe('30');
  expect(await problemOf(ours)).toMatchObject({
    status: 429,
    code: 'rate-limited',
    detail: 'More than 2 requests a minute came with this token. Try again in 30 s.',
  });
  const kedros = await ask('/snapshot', 'alice');
  expect([kedros.status, kedros.headers.get('retry-after')]).toEqual([429, '30']);
  expect(await kedros.json()).toEqual({
    detail: expect.stringContaining('Try again in') as string,
  });
  expect((await ask('/health', 'alice')).status).toBe(200);
  expect((await ask('/runs', 'bob')).status).toBe(200);
});

test('a request that has been here before is answered beyond the rate, as often again', async () => {
  const { app, as, post, runOf } = createServer({ requestsPerMinute: 2 });
  const keyed = as('alice', { 'idempotency-key': 'k' });
  const first = await runOf(post('/runs', {}, keyed));
  const list = async () => app.request('/runs', { headers: keyed });
  expect((await list()).status).toBe(200);
  expect((await list()).status).toBe(429);
  const replay = await post('/runs', {}, keyed);
  expect([replay.status, replay.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
  expect((await runOf(replay)).id).toBe(first.id);
  const another = await post('/runs', {}, as('alice', { 'idempotency-key': 'other' }));
  expect([another.status, another.headers.get('retry-after')]).toEqual([429, '30']);
  expect(await problemOf(another)).toMatchObject({ code: 'rate-limited' });
  expect((await post('/runs', {}, keyed)).status).toBe(429);
});

test('limits of a principal come before those for all', async () => {
  const { app, as } = createServer({ requestsPerMinute: 1 }, { limits: { requestsPerMinute: 3 } });
  const statuses: number[] = [];
  for (let at = 0; at < 4; at += 1) {
    statuses.push((await app.request('/runs', { headers: as('alice') })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test('more open runs than a caller may have are 429, and others are served', async () => {
  const { app, as, post, runOf, openGate } = createServer({ openRuns: 2 });
  const gated = { pipeline_names: ['gated'] };
  const keyed = as('alice', { 'idempotency-key': 'k' });
  const first = await runOf(post('/runs', gated, keyed));
  const second = await runOf(post('/runs', gated, as('alice')));
  const refused = await post('/runs', gated, as('alice'));
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await problemOf(refused)).toMatchObject({
    status: 429,
    code: 'quota-full',
    detail: expect.stringContaining(
      '2 of your runs have not ended, and no more than 2 may be open.',
    ) as string,
  });
  const kedros = await post('/run', gated, as('alice'));
  expect([kedros.status, kedros.headers.has('retry-after')]).toEqual([429, true]);
  expect((await runOf(post('/runs', gated, keyed))).id).toBe(first.id);
  const others = await post('/runs', gated, as('bob'));
  expect(others.status).toBe(202);
  openGate();
  for (const { id } of [first, second]) {
    await app.request(`/runs/${id}?wait=30`, { headers: as('alice') });
  }
  expect((await post('/runs', gated, as('alice'))).status).toBe(202);
});

test('a caller for some pipelines runs no others', async () => {
  const { as, post, runOf, app } = createServer(undefined, { pipelines: ['gated', '__default__'] });
  const statusOf = async (path: string, body: object) =>
    (await post(path, body, as('alice'))).status;
  for (const pipelines of [['flaky'], ['__default__', 'flaky'], ['']]) {
    const body = { pipeline_names: pipelines };
    expect(await statusOf('/run', body)).toBe(403);
    expect(await problemOf(post('/runs', body, as('alice')))).toMatchObject({
      code: 'forbidden',
      detail: `The token that was sent is for these pipelines: gated, __default__. The run is of ${pipelines.join(', ')}.`,
    });
  }
  expect(await statusOf('/run', {})).toBe(200);
  const ended = await runOf(post('/runs', {}, as('alice', { prefer: 'wait=30' })));
  expect((await app.request(`/runs/${ended.id}`, { headers: as('alice') })).status).toBe(200);
  expect(await statusOf(`/runs/${ended.id}/retry`, {})).toBe(202);
});

test('a caller for other pipelines does not repeat a run', async () => {
  let pipelines: string[] | null = null;
  const shop = createShopServer({
    auth: { authenticate: () => ({ id: 'alice', scopes: ['read', 'run'], pipelines }) },
  });
  const { id } = await shop.runToEnd();
  pipelines = ['flaky'];
  expect(await problemOf(shop.post(`/runs/${id}/retry`))).toMatchObject({ code: 'forbidden' });
});

test('an issuer that cannot be reached is 503', async () => {
  const { app } = createShopServer({
    auth: { issuer: { issuer: 'me', audience: 'me', jwks: 'http://127.0.0.1:1/jwks' } },
  });
  const token = `${btoa('{"alg":"ES256","kid":"1"}')}.${btoa('{}')}.AAAA`.replaceAll('=', '');
  const response = await app.request('/runs', { headers: { authorization: `Bearer ${token}` } });
  expect(response.headers.get('retry-after')).toBe('5');
  expect(await problemOf(response)).toMatchObject({ status: 503, code: 'issuer-unreachable' });
});

test('what the embedder’s own check throws is no pass', async () => {
  const seen: Error[] = [];
  const { app } = createShopServer({
    onUnexpectedError: (error) => seen.push(error),
    auth: {
      authenticate: () => {
        throw new Error('directory is down');
      },
    },
  });
  expect((await app.request('/runs')).status).toBe(500);
  expect((await app.request('/snapshot')).status).toBe(500);
  expect((await app.request('/health')).status).toBe(200);
  expect(seen.map(({ message }) => message)).toEqual(['directory is down', 'directory is down']);
});

test('the embedder’s authorize is told who asks, and only of their own runs', async () => {
  const asked: (string | undefined)[] = [];
  const shop = createShopServer({
    auth: {
      authenticate: ({ headers }) => ({ id: headers.get('x-user') ?? '', scopes: ['read', 'run'] }),
    },
    authorize: ({ principal, action }) => {
      asked.push(`${principal?.id} ${action}`);
      return true;
    },
  });
  const run = await shop.runOf(shop.post('/runs', {}, { 'x-user': 'alice', prefer: 'wait=30' }));
  const as = (user: string) => ({ headers: { 'x-user': user } });
  expect((await shop.app.request(`/runs/${run.id}`, as('alice'))).status).toBe(200);
  expect((await shop.app.request(`/runs/${run.id}`, as('bob'))).status).toBe(404);
  expect(asked).toEqual(['alice submit', 'alice read']);
});

test('a cookie for one run follows it, as a browser sends it', async () => {
  const { app, as, post, runOf } = createServer(undefined);
  const run = await runOf(post('/runs', {}, as('alice', { prefer: 'wait=30' })));
  const made = await post(`/runs/${run.id}/token?ttl=60`, undefined, as('alice'));
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  const cookie = made.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(
    new RegExp(
      `^kedro_run=[\\w.-]+; Path=/runs/${run.id}; Expires=[^;]+; HttpOnly; SameSite=Strict$`,
    ),
  );
  const sent = { cookie: cookie.split(';', 1)[0] ?? '' };
  const events = await app.request(`/runs/${run.id}/events`, { headers: sent });
  expect(await events.text()).toContain('event: end');
  const secure = await app.request(`https://kedro.example.org/runs/${run.id}/token`, {
    method: 'POST',
    headers: as('alice'),
  });
  expect(secure.headers.get('set-cookie')).toMatch(/; Secure;/);
});

test('a token for one run makes none that lasts longer', async () => {
  const { as, post, runOf } = createServer(undefined);
  const run = await runOf(post('/runs', {}, as('alice', { prefer: 'wait=30' })));
  const make = async (ttl: string, headers: Record<string, string>) =>
    post(`/runs/${run.id}/token?ttl=${ttl}`, undefined, headers);
  interface Made {
    readonly token: string;
    readonly expires_at: string;
  }
  const first = (await (await make('60', as('alice'))).json()) as Made;
  const again = await make('3600', { authorization: `Bearer ${first.token}` });
  expect(((await again.json()) as Made).expires_at).toBe(first.expires_at);
  for (const ttl of ['0', '86401', '-1', '1.5', 'x', '']) {
    const problem = await problemOf(make(ttl, as('alice')));
    expect(problem).toMatchObject({ status: 422, errors: [{ parameter: 'ttl' }] });
  }
});
