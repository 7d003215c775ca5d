import { Hono } from 'hono';
import { expect, test } from 'vitest';

import { createShopServer } from './shop-server.ts';

test('servers in one process share no state', async () => {
  const [first, second] = [createShopServer({ concurrency: 1 }), createShopServer()];
  const host = new Hono().route('/first', first.app).route('/second', second.app);
  const get = async (path: string): Promise<string> => (await host.request(path)).text();
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'the-same-key' };
  const post = async (path: string, body: object) =>
    (
      await host.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
    ).json() as Promise<{ readonly id: string }>;

  const held = await post('/first/runs', { pipeline_names: ['gated'] });
  const other = await post('/second/runs', { outputs: ['sums'] });
  expect(other.id).not.toBe(held.id);
  // The first one works on one run at a time, and is busy with it.
  const { status, outputs } = await second.show(other.id, '?wait=30');
  expect([status, outputs[0]?.name]).toEqual(['succeeded', 'sums']);
  expect(await get(`/second/runs/${held.id}`)).toContain('"status":404');
  expect(await get('/first/runs')).not.toContain(other.id);
  expect(await get('/second/runs')).not.toContain(held.id);
  const finished = 'kedro_server_runs_total{pipeline="__default__",status="succeeded"} 1';
  expect(await get('/second/metrics')).toContain(finished);
  expect(await get('/first/metrics')).not.toContain(finished);

  await second.app.close();
  expect((await host.request('/second/readyz')).status).toBe(503);
  expect((await host.request('/first/readyz')).status).toBe(200);
  first.openGate();
  expect(await first.show(held.id, '?wait=30')).toMatchObject({ status: 'succeeded' });
  await first.app.close();
});
