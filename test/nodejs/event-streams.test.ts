import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';

import { serve } from '../../src/nodejs/serve.ts';
import { createShopServer } from '../http/shop-server.ts';
import { eventually } from '../eventually.ts';

const heartbeatMs = 7;

async function serveGatedRun() {
  const shop = createShopServer({ heartbeatMs });
  const server = await serve(shop.app, { port: 0 });
  const { id } = await shop.runOf(shop.post('/runs', { pipeline_names: ['gated'] }));
  const open = async (): Promise<IncomingMessage> => {
    const request = get(`${server.url}/runs/${id}/events`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  return { ...shop, id, open, [Symbol.asyncDispose]: server.close };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text.replaceAll(': still here\n\n', '');
}

test('many readers of one run read the same, whatever a slow one does', async () => {
  await using server = await serveGatedRun();
  const slow = await server.open();
  const readers = await Promise.all(Array.from({ length: 100 }, () => server.open()));
  const texts = readers.map(textOf);
  server.openGate();
  const [first = ''] = await Promise.all(texts);
  expect(first).toContain('event: run.ended');
  expect(first).toMatch(/event: end\ndata: \{"status":"succeeded"\}\n\n$/);
  for (const text of texts) expect(await text).toBe(first);
  expect(await textOf(slow)).toBe(first);
});

test('a reader that goes is forgotten', async () => {
  await using server = await serveGatedRun();
  const reader = await server.open();
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  const heartbeats = () => setTimer.mock.calls.filter(([, ms]) => ms === heartbeatMs).length;
  await eventually(() => expect(heartbeats()).toBeGreaterThan(2));
  reader.destroy();
  await eventually(async () => {
    const before = heartbeats();
    await server.show(server.id, '?wait=1');
    expect(heartbeats()).toBe(before);
  });
  setTimer.mockRestore();
  server.openGate();
});
