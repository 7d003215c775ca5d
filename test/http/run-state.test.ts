import { describe, expect, test } from 'vitest';

import { eventually } from '../eventually.ts';
import { createAnswerCheck } from './document-schemas.ts';
import { createShopServer, problemOf, type ShopServer, type ShownRun } from './shop-server.ts';

const gated = { pipeline_names: ['gated'] };

/** Submits a run that waits at its gate, and waits until it does. */
async function hold({ post, runOf, app }: ShopServer): Promise<string> {
  const { id } = await runOf(post('/runs', gated));
  let known: Record<string, string> = {};
  for (;;) {
    const query = 'if-none-match' in known ? '?wait=10' : '';
    const response = await app.request(`/runs/${id}${query}`, { headers: known });
    known = { 'if-none-match': response.headers.get('etag') ?? '' };
    if (response.status !== 200) throw new Error(`${response.status} while waiting at the gate`);
    const { progress } = (await response.json()) as { progress: { nodes_running: string[] } };
    if (progress.nodes_running.includes('gate')) return id;
  }
}

describe('GET /runs/{id}', () => {
  test('has a tag that changes with the run', async () => {
    const server = createShopServer();
    const id = await hold(server);
    const { app, openGate } = server;
    const first = await app.request(`/runs/${id}`);
    const etag = first.headers.get('etag') ?? '';
    const same = await app.request(`/runs/${id}`, { headers: { 'if-none-match': `"x", ${etag}` } });
    expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, etag, '']);
    const long = app.request(`/runs/${id}?wait=30`, { headers: { 'if-none-match': etag } });
    openGate();
    const changed = await long;
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
    (await createAnswerCheck(app))('GET', '/runs/{id}', 200, await changed.json());
  });

  test('finds a run of /run by what that has told', async () => {
    const { app, post, openGate } = createShopServer();
    openGate();
    const answer = (await (await post('/run', gated)).json()) as { readonly run_id: string };
    const run = (await (await app.request(`/runs/${answer.run_id}`)).json()) as ShownRun;
    expect(run).toMatchObject({ status: 'succeeded', save_version: answer.run_id });
    expect(run.links['self']).toBe(`/runs/${run.id}`);
    const logs = await (await app.request(`/runs/${answer.run_id}/logs`)).text();
    expect(logs).toContain('3 numbers');
    const events = await (await app.request(`/runs/${answer.run_id}/events`)).text();
    expect(events).toBe(await (await app.request(`/runs/${run.id}/events`)).text());
    expect((await problemOf(post(`/runs/${answer.run_id}/cancel`))).code).toBe('run-ended');
    const unknown = await problemOf(app.request('/runs/2026-01-01T00.00.00.000Z'));
    expect(unknown.code).toBe('run-unknown');
  });

  test('waits for the end, or as long as it was told to', async () => {
    const server = createShopServer();
    const id = await hold(server);
    const { app, openGate, show } = server;
    const startedAt = performance.now();
    expect(await show(id, '?wait=1')).toMatchObject({ status: 'running' });
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    const ended = show(id, '?wait=30');
    openGate();
    expect(await ended).toMatchObject({ status: 'succeeded' });
    const known = {
      headers: { 'if-none-match': (await app.request(`/runs/${id}`)).headers.get('etag') ?? '' },
    };
    expect((await app.request(`/runs/${id}?wait=30`, known)).status).toBe(304);
  });

  test('shows where it stands in the queue, and what it waits for', async () => {
    const server = createShopServer({ concurrency: 1 });
    const { post, runOf, show, openGate } = server;
    const first = await hold(server);
    const [second, third] = [await runOf(post('/runs')), await runOf(post('/runs', gated))];
    expect(second).toMatchObject({ code: 'request-invalid' });
    const waiting = await runOf(post('/runs', {}));
    expect(await show(third.id)).toMatchObject({
      status: 'queued',
      queue: { position: 1, waits_for: null },
    });
    await eventually(async () =>
      expect(await show(waiting.id)).toMatchObject({ queue: { position: 2, waits_for: null } }),
    );
    openGate();
    await show(first, '?wait=30');
  });

  test('of no run is 404', async () => {
    const { app } = createShopServer();
    for (const path of ['/runs/x', '/runs/x/events', '/runs/x/logs', '/runs/x/outputs/y']) {
      const response = await app.request(path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await problemOf(response)).toMatchObject({ code: 'run-unknown', run_id: 'x' });
    }
    expect((await problemOf(app.request('/runs/x?wait=1'))).code).toBe('run-unknown');
  });
});

describe('POST /runs/{id}/cancel', () => {
  test('stops a run, and again is the same, until it has ended', async () => {
    const server = createShopServer();
    const id = await hold(server);
    const { post, show, app } = server;
    const cancel = () => post(`/runs/${id}/cancel`);
    for (const response of await Promise.all([cancel(), cancel()])) {
      expect(response.status).toBe(202);
      const run: unknown = await response.json();
      expect(run).toMatchObject({ id, status: expect.stringMatching('cancelling|cancelled') });
      (await createAnswerCheck(app))('POST', '/runs/{id}/cancel', 202, run);
    }
    expect(await show(id, '?wait=30')).toMatchObject({
      status: 'cancelled',
      error: { type: 'RunCancelled' },
    });
    const late = await post(`/runs/${id}/cancel`);
    expect(late.status).toBe(409);
    expect(await problemOf(late)).toMatchObject({ code: 'run-ended', run_id: id });
  });

  test('one that waits never begins', async () => {
    const server = createShopServer({ concurrency: 1 });
    await hold(server);
    const { post, runOf, show, openGate } = server;
    const { id } = await runOf(post('/runs', {}));
    expect((await post(`/runs/${id}/cancel`)).status).toBe(202);
    expect(await show(id, '?wait=30')).toMatchObject({ status: 'cancelled', started_at: null });
    openGate();
  });
});

describe('POST /runs/{id}/retry', () => {
  test('repeats a run from its start', async () => {
    const { app, post, runToEnd, runOf, mend } = createShopServer();
    const body = {
      pipeline_names: ['flaky'],
      labels: { team: 'a' },
      inputs: { numbers: [7] },
      outputs: ['last'],
    };
    const first = await runToEnd(body);
    expect(first).toMatchObject({ status: 'failed', links: { retry: `/runs/${first.id}/retry` } });
    mend();
    const response = await post(`/runs/${first.id}/retry`, undefined, { prefer: 'wait=30' });
    expect(response.status).toBe(200);
    const second = await runOf(response);
    expect(response.headers.get('location')).toBe(`/runs/${second.id}`);
    expect(second).toMatchObject({
      status: 'succeeded',
      attempt: 2,
      retry_of: first.id,
      labels: { team: 'a' },
      progress: { nodes_total: 4 },
      outputs: [{ name: 'last', data: { total: 14 } }],
      links: { retry_of: `/runs/${first.id}` },
    });
    const check = await createAnswerCheck(app);
    check('POST', '/runs/{id}/retry', 200, second);
  });

  test('goes on where a run has failed, with the data that it has saved', async () => {
    const { files, post, runToEnd, runOf, mend, ran } = createShopServer();
    const body = { pipeline_names: ['flaky'], inputs: { numbers: [1, 2] }, outputs: ['last'] };
    const first = await runToEnd(body);
    await runToEnd({ ...body, inputs: { numbers: [5, 5, 5, 5] } });
    expect(await files.list('data/stamped.json')).toHaveLength(2);
    ran.length = 0;
    mend();
    const retried = await post(
      `/runs/${first.id}/retry`,
      { from: 'failed' },
      { prefer: 'wait=30' },
    );
    const second = await runOf(retried);
    // `read` is kept; `warm` was in memory only; `middle` has what the first run saved, not the last.
    expect(ran).toEqual(['warm', 'middle of 2']);
    expect(second).toMatchObject({
      status: 'succeeded',
      retry_of: first.id,
      request: {
        pipeline_names: ['flaky'],
        node_names: expect.arrayContaining(['warm', 'middle', 'last']),
        load_versions: { stamped: first.save_version },
        inputs: ['numbers'],
      },
      outputs: [{ name: 'last', data: { total: 6 } }],
    });

    const nothing = await post(`/runs/${second.id}/retry`, { from: 'failed' });
    expect(nothing.status).toBe(409);
    expect(await problemOf(nothing)).toMatchObject({ code: 'nothing-to-retry', run_id: second.id });
  });

  test('of a run that goes on, or with a body that means nothing, is refused', async () => {
    const server = createShopServer();
    const id = await hold(server);
    const { post, openGate, show } = server;
    expect(await problemOf(post(`/runs/${id}/retry`))).toMatchObject({
      code: 'run-not-ended',
      status: 409,
      run_id: id,
    });
    openGate();
    await show(id, '?wait=30');
    for (const [body, pointer] of [
      ['{"from":"end"}', '/from'],
      ['{"from":null}', '/from'],
      ['[]', ''],
      ['{"to":1}', '/to'],
    ] as const) {
      const problem = await problemOf(post(`/runs/${id}/retry`, body));
      expect(problem.errors).toMatchObject([{ pointer }]);
    }
  });

  test('takes an idempotency key', async () => {
    const { post, runToEnd, runOf } = createShopServer();
    const { id } = await runToEnd({});
    const key = { 'idempotency-key': 'again' };
    const first = await runOf(post(`/runs/${id}/retry`, undefined, key));
    const second = await post(`/runs/${id}/retry`, undefined, key);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await runOf(second)).id).toBe(first.id);
    expect(await problemOf(post('/runs', {}, key))).toMatchObject({ code: 'key-conflict' });
  });
});
