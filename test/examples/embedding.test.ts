import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createHttpServer, type HttpServer } from '../../src/adapters/node.ts';
import { createFixture } from '../runtime/fixture.ts';
import { idsOf, post, readStream, show, submit } from '../runtime/server-client.ts';
import { hosts, type RunningHost } from './embedding-hosts.ts';

describe.each(Object.entries(hosts))('a server inside %s', (_, start) => {
  let kedro: HttpServer;
  let host: RunningHost;
  let url: string;
  beforeAll(async () => {
    kedro = createHttpServer({ executor: createFixture().executor });
    host = await start(kedro);
    url = `${host.url}/kedro`;
  });
  afterAll(async () => {
    await kedro.close();
    await host.close();
  });

  test('answers below its prefix, the host beside it', async () => {
    expect(await (await fetch(host.url)).text()).toBe('the host');
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'healthy' });
    expect(await (await post(`${url}/run`, {})).json()).toMatchObject({ status: 'success' });
    const head = await fetch(`${url}/runs`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const wrong = await fetch(`${url}/health`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await post(`${url}/run`, 'x'.repeat(2 ** 21))).status).toBe(413);
  });

  test('leads to places below its prefix', async () => {
    const submitted = await post(`${url}/runs`, {});
    const location = submitted.headers.get('location') ?? '';
    const { id } = (await submitted.json()) as { readonly id: string };
    expect(location).toBe(`/kedro/runs/${id}`);
    const run = await fetch(new URL(location, host.url));
    expect(await run.json()).toMatchObject({ id, links: { self: `/kedro/runs/${id}` } });
    const slash = await fetch(`${url}/health/`, { redirect: 'manual' });
    expect(slash.headers.get('location')).toMatch(/\/kedro\/health$/);
  });

  test('documents itself below its prefix', async () => {
    const document: unknown = await (await fetch(`${url}/openapi.json`)).json();
    expect(document).toMatchObject({ servers: [{ url: '/kedro' }] });
    const page = await (await fetch(`${url}/docs`)).text();
    const files = [...page.matchAll(/(?:src|href)="(docs[^"#]+)"/g)].map(([, file = '']) => file);
    expect(files).toHaveLength(2);
    for (const file of files) {
      const response = await fetch(new URL(file, `${url}/docs`));
      expect([file, response.status]).toEqual([file, 200]);
      await response.body?.cancel();
    }
  });

  test('is followed live through the host', async () => {
    const id = await submit(url, 'held');
    const stream = readStream(await fetch(`${url}/runs/${id}/events`));
    await stream.until('event: node.started');
    expect(await show(url, id)).toMatchObject({ status: 'running' });
    expect((await post(`${url}/runs/${id}/cancel`, {})).status).toBe(202);
    const text = await stream.rest();
    expect(text).toContain('event: end');
    expect(idsOf(text)).toEqual(idsOf(text).map((__, at) => at + 1));
  });
});
