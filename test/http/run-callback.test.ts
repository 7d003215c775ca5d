import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';

import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import { startCallbackReceiver } from '../run/callback-receiver.ts';
import { createShopServer, problemOf } from './shop-server.ts';

test('the end of a run is told, signed, as the run is shown', async () => {
  const receiver = await startCallbackReceiver((response) => response.end());
  const { app, post } = createShopServer({ callbacks: { allowPrivate: true } });
  const response = await post(
    '/runs',
    { params: { factor: 2 }, callback: { url: receiver.url, secret: 'our secret' } },
    { prefer: 'wait=30' },
  );
  const { id } = (await response.json()) as { id: string };
  await expect.poll(() => receiver.received.length).toBe(1);
  const { headers, body } = receiver.received[0]!;
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  const signature = createHmac('sha256', 'our secret').update(signed).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  const shown: unknown = await (await app.request(`/runs/${id}`)).json();
  expect(JSON.parse(body)).toMatchObject({ type: 'run.succeeded', data: shown });
  expect(body).not.toContain('our secret');
});

test('a URL on this machine is refused before anything is queued, unless that is allowed', async () => {
  const { app, post } = createShopServer();
  const response = await post('/runs', { callback: { url: 'http://127.0.0.1:1/hook' } });
  expect(response.status).toBe(422);
  expect(await problemOf(response)).toMatchObject({
    code: 'run-invalid',
    errors: [{ pointer: '/callback/url', detail: expect.stringContaining('127.0.0.1') }],
  });
  expect(await (await app.request('/runs')).json()).toMatchObject({ data: [] });
});

test('a secret that signs nothing is refused', async () => {
  const { post } = createShopServer();
  const callback = { url: 'https://example.org/hook', secret: 'whsec_?' };
  const problem = await problemOf(post('/runs', { callback }));
  expect(problem).toMatchObject({ code: 'run-invalid', errors: [{ pointer: '/callback/secret' }] });
});

test('a run that was lost with its server is told by the next one', async () => {
  const receiver = await startCallbackReceiver((response) => response.end());
  const store: RunStore = { ...createMemoryRunStore(), close: () => Promise.resolve() };
  const options = { store, callbacks: { allowPrivate: true } };
  const { post } = createShopServer(options);
  const response = await post('/runs', {
    pipeline_names: ['gated'],
    callback: { url: receiver.url },
  });
  const { id } = (await response.json()) as { id: string };
  await expect.poll(async () => (await store.get(id))?.status).toBe('running');
  const next = createShopServer(options);
  await next.app.ready();
  await expect.poll(() => receiver.received.length).toBe(1);
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    type: 'run.lost',
    data: { id, status: 'lost' },
  });
});
