import { describe, expect, test, vi } from 'vitest';

import { KedroServerError, ProjectError, SnapshotError } from '../../src/errors.ts';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import { createAnswerCheck } from './document-schemas.ts';
import { createMemoryExecutor } from './memory-executor.ts';
import { createShopServer, problemOf } from './shop-server.ts';
import { eventually } from '../eventually.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('POST /runs', () => {
  test('accepts a run and says where it is', async () => {
    const { app, post } = createShopServer();
    const response = await post('/runs', { labels: { team: 'pricing' }, priority: 3 });
    expect(response.status).toBe(202);
    const run = (await response.json()) as { id: string };
    expect(run).toMatchObject({
      id: expect.stringMatching(uuid),
      status: 'queued',
      labels: { team: 'pricing' },
      attempt: 1,
      retry_of: null,
      request: { priority: 3, inputs: [], params: null },
      links: { self: `/runs/${run.id}`, cancel: `/runs/${run.id}/cancel` },
    });
    expect(response.headers.get('location')).toBe(`/runs/${run.id}`);
    expect(response.headers.get('preference-applied')).toBeNull();
    (await createAnswerCheck(app))('POST', '/runs', 202, run);
  });

  test('waits for the end when asked to, and brings the outputs', async () => {
    const { app, post } = createShopServer();
    const response = await post(
      '/runs',
      { inputs: { numbers: [1, 2, 3.5] }, params: { factor: 10 }, outputs: ['sums', 'numbers'] },
      { prefer: 'respond-async, wait=30' },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('wait=30');
    const run: unknown = await response.json();
    expect(run).toMatchObject({
      status: 'succeeded',
      error: null,
      progress: { nodes_total: 2, nodes_done: 2, nodes_running: [] },
      request: { inputs: ['numbers'], outputs: ['sums', 'numbers'] },
      outputs: expect.arrayContaining([
        expect.objectContaining({ name: 'sums', kind: 'json', error: null, data: { total: 65 } }),
        expect.objectContaining({ name: 'numbers', data: [1, 2, 3.5] }),
      ]),
    });
    (await createAnswerCheck(app))('POST', '/runs', 200, run);
  });

  test('that is waited for is accepted, also when its end cannot be written', async () => {
    const memory = createMemoryRunStore();
    let isFull = false;
    const { post, app } = createShopServer({
      store: {
        ...memory,
        write: (batch) => {
          isFull ||= batch.entries.some(({ entry }) => entry.event.type === 'run.ended');
          return isFull
            ? Promise.reject(new KedroServerError('store-unusable', 'The disk is full.'))
            : memory.write(batch);
        },
      },
    });
    const response = await post('/runs', {}, { prefer: 'wait=30' });
    expect(response.status).toBe(202);
    const { id, status } = (await response.json()) as { id: string; status: string };
    expect(response.headers.get('location')).toBe(`/runs/${id}`);
    expect(['queued', 'running']).toContain(status);
    expect((await app.request(`/runs/${id}`)).status).toBe(200);
  });

  test('tells outputs that are too much together', async () => {
    const { post, runOf, app } = createShopServer({ maxRunOutputBytes: 18 });
    const body = { outputs: ['scaled', 'sums'] };
    const run = await runOf(post('/runs', body, { prefer: 'wait=30' }));
    expect(run).toMatchObject({
      status: 'succeeded',
      outputs: [
        { name: 'scaled', data: [2, 4, 6], bytes: 7 },
        {
          name: 'sums',
          error: {
            type: 'OutputTooLarge',
            message: expect.stringMatching(/^The output 'sums' \(12 bytes .* 18 bytes/) as string,
          },
        },
      ],
    });
    const problem = await problemOf(app.request(`/runs/${run.id}/outputs/sums`));
    expect(problem).toMatchObject({ code: 'output-unavailable', status: 409 });
  });

  test('answers 202 when the wait is over before the run is', async () => {
    const { app, post, openGate, show } = createShopServer();
    const body = { pipeline_names: ['gated'] };
    const response = await post('/runs', body, { prefer: 'wait=1' });
    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('wait=1');
    const { id, status } = (await response.json()) as { id: string; status: string };
    expect(['queued', 'running']).toContain(status);
    expect(await app.runs.get(id)).toMatchObject({ isAttended: false });
    openGate();
    expect(await show(id, '?wait=30')).toMatchObject({ status: 'succeeded' });
  });

  test('a preference that means nothing is none, and one that is too long is cut', async () => {
    const { post } = createShopServer();
    expect((await post('/runs', {}, { prefer: 'wait=soon' })).status).toBe(202);
    const response = await post('/runs', {}, { prefer: 'WAIT="86400"' });
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('wait=300');
  });

  test('a run that fails is no error of HTTP', async () => {
    const { runToEnd } = createShopServer();
    expect(await runToEnd({ pipeline_names: ['flaky'] })).toMatchObject({
      status: 'failed',
      error: { type: 'RangeError', message: 'not yet', node: 'middle' },
    });
  });

  test('secrets and data do not come back', async () => {
    const { app, post } = createShopServer({ callbacks: { post: async () => 200 } });
    const body = `{"params": {"factor": 1.50, "db": {"PASSWORD": "x1"}, "api_token": "x2", "max_tokens": 10,
      "url": "postgres://me:x3@host/db", "big": 12345678901234567890123},
      "inputs": {"numbers": [99991]}, "callback": {"url": "https://example.org/hook", "secret": "x5"}}`;
    const text = await (await post('/runs', body)).text();
    expect(text).toContain(
      '"params":{"factor":1.50,"db":{"PASSWORD":"***"},"api_token":"***","max_tokens":10,"url":"postgres://<redacted>@host/db","big":12345678901234567890123}',
    );
    expect(text).not.toMatch(/x[1-5]"|:x\d@|99991/);
    expect((await (await app.request('/runs')).text()).includes('99991')).toBe(false);
  });

  test('trace headers reach the run and the answer; what is not valid in them does not', async () => {
    const { post } = createShopServer();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    const response = await post('/runs', {}, { traceparent, 'x-request-id': 'mine-1' });
    expect(response.headers.get('x-request-id')).toBe('mine-1');
    expect(await response.json()).toMatchObject({ trace_id: trace, request_id: 'mine-1' });
    expect(await problemOf(post('/runs', { x: 1 }, { traceparent }))).toMatchObject({
      trace_id: trace,
    });

    const zero = { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'x-request-id': 'a b' };
    const other = await post('/runs', {}, zero);
    const id = other.headers.get('x-request-id');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await other.json()).toMatchObject({ trace_id: null, request_id: id });
  });

  test('under a prefix, paths have it', async () => {
    const { Hono } = await import('hono');
    const { app } = createShopServer();
    const parent = new Hono().route('/my kedro', app);
    const response = await parent.request('/my%20kedro/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const location = response.headers.get('location') ?? '';
    expect(location).toMatch(/^\/my%20kedro\/runs\/[0-9a-f-]{36}$/);
    expect((await parent.request(location)).status).toBe(200);
  });
});

describe('what is refused before anything is queued', () => {
  const { app, post } = createShopServer();

  test.each<[string, object | string, string, string[], RegExp]>([
    ['an unknown field', { tagz: ['a'] }, 'request-invalid', ['/tagz'], /^\/tagz: Extra inputs/],
    [
      'types',
      { tags: 'a', timeout_ms: 0, priority: 1.5, labels: { 'a~/b': 1 } },
      'request-invalid',
      ['/tags', '/timeout_ms', '/priority', '/labels/a~0~1b'],
      /and \d more/,
    ],
    [
      'a concurrency without a key',
      { concurrency: { limit: 0, on_conflict: 'wait' } },
      'request-invalid',
      ['/concurrency/key', '/concurrency/limit', '/concurrency/on_conflict'],
      /Field required/,
    ],
    [
      'a callback that is no web address',
      { callback: { url: 'file:///etc' } },
      'request-invalid',
      ['/callback/url'],
      /http or https/,
    ],
    ['broken JSON', '{"tags": tru}', 'request-invalid', [''], /Expecting value \(character 9\)/],
    ['no body', '', 'request-invalid', [''], /Field required/],
    [
      'an unknown pipeline',
      { pipeline_names: ['flakey'] },
      'run-invalid',
      ['/pipeline_names/0'],
      /Did you mean 'flaky'/,
    ],
    [
      'an unknown node and tag',
      { node_names: ['scal'], tags: ['lst'] },
      'run-invalid',
      ['/node_names/0', '/tags/0'],
      /Did you mean 'scale'/,
    ],
    [
      'an unknown runner',
      { runner: 'ThredRunner' },
      'run-invalid',
      ['/runner'],
      /Did you mean 'ThreadRunner'/,
    ],
    [
      'data that nothing reads',
      { inputs: { number: [1] } },
      'run-invalid',
      ['/inputs/number'],
      /Did you mean 'numbers'/,
    ],
    [
      'data for a parameter',
      { inputs: { 'params:factor': 1 } },
      'run-invalid',
      ['/inputs/params:factor'],
      /Give its value in 'params'/,
    ],
    [
      'an output that nothing makes',
      { outputs: ['sum'] },
      'run-invalid',
      ['/outputs/0'],
      /Did you mean 'sums'/,
    ],
    [
      'a selection of nothing',
      { tags: ['first'], node_names: ['total'] },
      'run-invalid',
      [''],
      /nothing would be run/,
    ],
  ])('%s', async (_, body, code, pointers, detail) => {
    const response = await post('/runs', body);
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ code, status: 422, detail: expect.stringMatching(detail) });
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(pointers));
    (await createAnswerCheck(app))('POST', '/runs', 422, problem);
  });

  test('a body that is no text is 400, one that is too large 413', async () => {
    const small = createShopServer({ maxBodyBytes: 20 });
    const bytes = await small.app.request('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0xff]),
    });
    expect([bytes.status, (await problemOf(bytes)).code]).toEqual([400, 'body-unreadable']);
    const large = await small.post('/runs', ' '.repeat(21));
    expect([large.status, (await problemOf(large)).code]).toEqual([413, 'body-too-large']);
  });

  test('a key that is none is 422', async () => {
    const problem = await problemOf(post('/runs', {}, { 'idempotency-key': 'two words' }));
    expect(problem.errors).toMatchObject([{ parameter: 'Idempotency-Key' }]);
  });

  test('and nothing of it is kept', async () => {
    expect(await (await app.request('/runs')).json()).toEqual({ data: [], next_cursor: null });
  });
});

describe('an idempotency key', () => {
  test('makes the same request the same run, also when the queue is full', async () => {
    const { post, runOf } = createShopServer({ maxWaiting: 0, concurrency: 1 });
    const key = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
    const body = { pipeline_names: ['gated'] };
    const first = await runOf(post('/runs', body, key));
    expect((await post('/runs', body)).status).toBe(503);
    const again = await post('/runs', body, key);
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await runOf(again)).id).toBe(first.id);
  });

  test('with another body is refused', async () => {
    const { post, runOf } = createShopServer();
    const key = { 'idempotency-key': 'k' };
    const { id } = await runOf(post('/runs', {}, key));
    const response = await post('/runs', { tags: ['last'], inputs: { scaled: [1] } }, key);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ code: 'key-conflict', run_ids: [id] });
  });

  test('of a request that is being accepted is 409', async () => {
    const described = Promise.withResolvers<never>();
    const executor = createMemoryExecutor({ snapshot: () => described.promise });
    const app = createHttpServer({ executor });
    const send = () =>
      app.request('/runs', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: '{}',
      });
    const first = Promise.resolve(send());
    await eventually(() => expect(executor.snapshots).toHaveLength(1));
    const second = await send();
    expect(second.status).toBe(409);
    expect(second.headers.get('retry-after')).toBe('1');
    expect(await problemOf(second)).toMatchObject({ code: 'key-pending' });
    described.reject(new SnapshotError('ImportError', 'no shop'));
    expect((await first).status).toBe(503);
  });
});

describe('a server that cannot take a run', () => {
  test('says that it is full, and when to come again', async () => {
    const { post, app, openGate } = createShopServer({ maxWaiting: 1, concurrency: 1 });
    const body = { pipeline_names: ['gated'] };
    for (const _ of [1, 2]) expect((await post('/runs', body)).status).toBe(202);
    const response = await post('/runs', body);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await problemOf(response)).toMatchObject({ code: 'queue-full' });
    const ready = await app.request('/readyz');
    expect([ready.status, (await problemOf(ready)).code]).toEqual([503, 'queue-full']);
    expect((await app.request('/livez')).status).toBe(200);
    openGate();
  });

  test('names the runs that are in the way', async () => {
    const { post, runOf } = createShopServer();
    const body = { pipeline_names: ['gated'], concurrency: { key: 'till', on_conflict: 'reject' } };
    const { id } = await runOf(post('/runs', body));
    const response = await post('/runs', body);
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({
      code: 'concurrency-conflict',
      run_ids: [id],
    });
  });

  test.each([
    [
      'cannot be opened',
      { open: () => Promise.reject(new ProjectError('SyntaxError', "'(' was never closed", '')) },
    ],
    [
      'cannot be described',
      { snapshot: () => Promise.reject(new SnapshotError('SyntaxError', "'(' was never closed")) },
    ],
  ])('says what the project raised that %s', async (_, faults) => {
    const app = createHttpServer({ executor: createMemoryExecutor(faults) });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    for (const response of [
      await app.request('/runs', init),
      await app.request('/readyz'),
      await app.request('/pipelines'),
    ]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await problemOf(response)).toMatchObject({
        code: 'project-broken',
        detail: expect.stringContaining("SyntaxError: '(' was never closed"),
      });
    }
  });

  test('takes one when only its configuration needs parameters', async () => {
    const lacking = new SnapshotError('InterpolationKeyError', "key 'day' not found");
    const executor = createMemoryExecutor({ snapshot: () => Promise.reject(lacking) });
    const app = createHttpServer({ executor });
    expect((await app.request('/readyz')).status).toBe(200);
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"params":{"day":1}}',
    };
    expect((await app.request('/runs', init)).status).toBe(202);
    expect((await app.request('/pipelines')).status).toBe(503);
  });

  test('says that it is stopping', async () => {
    const { app, post } = createShopServer();
    await app.close();
    for (const response of [await post('/runs', {}), await app.request('/readyz')]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await problemOf(response)).toMatchObject({ code: 'server-stopping' });
    }
  });

  test('tells nothing of an error that nothing throws on purpose', async () => {
    const onUnexpectedError = vi.fn<(error: Error) => void>();
    const authorize = () => Promise.reject(new Error('/secret/path'));
    const { post } = createShopServer({ authorize, onUnexpectedError });
    const response = await post('/runs', {}, { 'x-request-id': 'r1' });
    expect(response.status).toBe(500);
    expect(await problemOf(response)).toMatchObject({ code: 'internal-error', trace_id: 'r1' });
    expect(onUnexpectedError).toHaveBeenCalledExactlyOnceWith(new Error('/secret/path'));
  });
});
