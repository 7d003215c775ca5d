import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../eventually.ts';
import { describeDoor } from './door-suite.ts';
import type { Runtime } from './runtimes.ts';
import {
  firstLineOf,
  idsOf,
  post,
  readStream,
  runToEnd,
  sendRaw,
  show,
  submit,
} from './server-client.ts';
import type { ServerProcess } from './server-process.ts';

const MEBIBYTE = 2 ** 20;

/** What each route answers to a request that is right; `{id}` is a run that has ended. */
const routes: Readonly<Record<string, readonly [status: number, path?: string, body?: object]>> = {
  'get /health': [200],
  'get /snapshot': [200],
  'post /run': [200, '/run', {}],
  'get /runs': [200, '/runs?limit=1'],
  'post /runs': [202, '/runs', {}],
  'get /runs/{id}': [200],
  'get /runs/{id}/events': [200],
  'get /runs/{id}/logs': [200],
  'get /runs/{id}/outputs/{name}': [200, '/runs/{id}/outputs/total'],
  'post /runs/{id}/cancel': [409, '/runs/{id}/cancel', {}],
  'post /runs/{id}/retry': [202, '/runs/{id}/retry', {}],
  'post /runs/{id}/token': [404, '/runs/{id}/token', {}],
  'get /pipelines': [200],
  'get /pipelines/{name}': [200, '/pipelines/held'],
  'get /livez': [200],
  'get /readyz': [200],
  'get /metrics': [200],
};

/** What the HTTP server does in every runtime, on one server. */
export function describeHttp(runtime: Runtime): void {
  describe(`HTTP on ${runtime.name}`, () => {
    let server: ServerProcess;
    let url: string;
    beforeAll(async () => {
      server = await runtime.start();
      url = server.url;
    });
    afterAll(() => server[Symbol.asyncDispose]());

    describeDoor(runtime.name, () => url);

    test('every route of the document answers', async () => {
      const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
        readonly paths: Readonly<Record<string, object>>;
      };
      const { id } = await runToEnd(url, { outputs: ['total'] });
      const answers: Record<string, number> = {};
      for (const [path, operations] of Object.entries(document.paths)) {
        for (const method of Object.keys(operations)) {
          const [, target = path, body] = routes[`${method} ${path}`] ?? [];
          const to = url + target.replace('{id}', id);
          const response = body === undefined ? await fetch(to) : await post(to, body);
          await response.arrayBuffer();
          answers[`${method} ${path}`] = response.status;
        }
      }
      const wanted = Object.entries(routes).map(([route, [status]]) => [route, status] as const);
      expect(answers).toEqual(Object.fromEntries(wanted));
    });

    test('answers have their types and bodies', async () => {
      const health = await fetch(`${url}/health`);
      expect(health.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await health.json()).toEqual({ status: 'healthy', kedro_version: '1.7.0' });
      const run = await post(`${url}/run`, { runner: 'ThreadRunner' });
      expect(await run.json()).toMatchObject({ status: 'success' });
      const failed = await post(`${url}/run`, { pipeline_names: ['hold'] });
      expect(await failed.json()).toMatchObject({ status: 'failure' });
      const snapshot = await fetch(`${url}/snapshot`);
      const etag = snapshot.headers.get('etag') ?? '';
      expect(await snapshot.json()).toMatchObject({ metadata: { project_name: 'Memory' } });
      const again = await fetch(`${url}/snapshot`, { headers: { 'if-none-match': etag } });
      expect([again.status, await again.text()]).toEqual([304, '']);
      const head = await fetch(`${url}/runs`, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
    });

    test('unknown paths are 404, unknown methods 405 with what is allowed', async () => {
      const unknown = await fetch(`${url}/nothing`);
      expect(unknown.status).toBe(404);
      expect(await unknown.json()).toEqual({ detail: 'Not Found' });
      for (const method of ['DELETE', 'OPTIONS', 'PUT']) {
        const wrong = await fetch(`${url}/health`, { method });
        expect(wrong.status).toBe(405);
        expect(wrong.headers.get('allow')).toBe('GET');
        expect(await wrong.json()).toEqual({ detail: 'Method Not Allowed' });
      }
      const head = await fetch(`${url}/health`, { method: 'HEAD' });
      expect(head.status).toBe(405);
      const slash = await fetch(`${url}/health/`, { redirect: 'manual' });
      expect(slash.status).toBe(307);
      await slash.body?.cancel();
    });

    test('the API reference comes with its files', async () => {
      const page = await (await fetch(`${url}/docs`)).text();
      const files = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, file = '']) => file);
      expect(files.length).toBeGreaterThan(0);
      for (const file of files.filter((each) => !each.startsWith('https:'))) {
        const response = await fetch(new URL(file, `${url}/docs`));
        expect([file, response.status]).toEqual([file, 200]);
        await response.body?.cancel();
      }
    });

    describe('a body', () => {
      test.each(['/run', '/runs'])('beyond the limit is 413: %s', async (path) => {
        const response = await post(`${url}${path}`, ' '.repeat(2 * MEBIBYTE));
        expect(response.status).toBe(413);
        await response.body?.cancel();
      });

      test.each(['/run', '/runs'])('is 413 before it has all come: %s', async (path) => {
        const line = await firstLineOf(url, path, `Content-Length: ${100 * MEBIBYTE}\r\n\r\n{`);
        expect(line).toMatch(/^HTTP\/1\.1 413 /);
      });

      test.each(['/run', '/runs'])('is 413 when no length was said: %s', async (path) => {
        const chunk = `${(2 * MEBIBYTE).toString(16)}\r\n${' '.repeat(2 * MEBIBYTE)}\r\n`;
        const line = await firstLineOf(url, path, `Transfer-Encoding: chunked\r\n\r\n${chunk}`);
        expect(line).toMatch(/^HTTP\/1\.1 413 /);
      });

      test('of the largest size is read', async () => {
        const body = JSON.stringify({ params: { text: 'x'.repeat(MEBIBYTE - 30) } });
        expect(body.length).toBeLessThanOrEqual(MEBIBYTE);
        expect(await (await post(`${url}/run`, body)).json()).toMatchObject({ status: 'success' });
      });

      test('in pieces without a length is read', async () => {
        const line = await firstLineOf(
          url,
          '/run',
          'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n',
        );
        expect(line).toMatch(/^HTTP\/1\.1 200 /);
      });

      test('that is longer than was said costs its own connection, at most', async () => {
        const line = await firstLineOf(
          url,
          '/run',
          `Content-Length: 2\r\n\r\n{}${'x'.repeat(1000)}`,
        );
        // What comes after is no request, which some notice before they answer.
        expect(line).toMatch(/^HTTP\/1\.1 (?:200|400) /);
        expect((await fetch(`${url}/health`)).status).toBe(200);
      });

      test('that ends before it should starts nothing', async () => {
        const before = await runIds(url);
        const head = 'POST /runs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
        const socket = await sendRaw(url, `${head}Content-Length: 100\r\n\r\n{}`);
        // The server has the request once it answers the next one.
        expect((await fetch(`${url}/health`)).status).toBe(200);
        socket.destroy();
        expect((await fetch(`${url}/health`)).status).toBe(200);
        expect(await runIds(url)).toEqual(before);
      });
    });

    describe('a run', () => {
      test('is waited for, and gives its data', async () => {
        const response = await post(`${url}/runs`, { outputs: ['total'] }, { prefer: 'wait=60' });
        expect(response.headers.get('preference-applied')).toBe('wait=60');
        expect(await response.json()).toMatchObject({
          status: 'succeeded',
          outputs: [{ name: 'total', data: 12 }],
        });
      });

      test('gives an output of 2 MB whole', async () => {
        const { id } = await runToEnd(url, { pipeline_names: ['large'], outputs: ['text'] });
        const output = await fetch(`${url}/runs/${id}/outputs/text`);
        expect(await output.text()).toContain('ü'.repeat(1_000_000));
      });

      test('is followed live, and resumed by a reader that was cut off', async () => {
        const id = await submit(url, 'held');
        const cut = new AbortController();
        const events = `${url}/runs/${id}/events`;
        const first = await fetch(events, { signal: cut.signal });
        expect(first.headers.get('content-type')).toMatch(/^text\/event-stream/);
        const before = await readStream(first).until('event: node.started');
        cut.abort();
        const cancelled = await post(`${url}/runs/${id}/cancel`, {});
        expect(cancelled.status).toBe(202);
        const lastId = String(idsOf(before).at(-1));
        const resumed = await fetch(events, { headers: { 'last-event-id': lastId } });
        const after = await readStream(resumed).rest();
        expect(after).toContain('event: end');
        const ids = idsOf(before + after);
        expect(ids).toEqual(ids.map((_, at) => at + 1));
        expect(await show(url, id)).toMatchObject({ status: 'cancelled' });
      });

      test('of thousands of events is replayed whole to many readers at once', async () => {
        const { id } = await runToEnd(url, { pipeline_names: ['chatty'] });
        const read = async (): Promise<number> =>
          idsOf(await readStream(await fetch(`${url}/runs/${id}/events`)).rest()).length;
        const counts = await Promise.all(Array.from({ length: 8 }, read));
        expect(counts[0]).toBeGreaterThan(2000);
        expect(new Set(counts).size).toBe(1);
      });

      test('that is cancelled tells all who wait for it', async () => {
        const id = await submit(url, 'held');
        const log = await fetch(`${url}/runs/${id}/logs?follow=true`);
        const lines = readStream(log);
        await lines.until('waiting');
        const waiting = show(url, id, '?wait=60');
        const event = await fetch(`${url}/runs/${id}/events`);
        await post(`${url}/runs/${id}/cancel`, {});
        expect(await lines.rest()).toContain('waiting');
        expect(await readStream(event).rest()).toContain('event: end');
        expect(await eventually(() => ended(waiting, url, id))).toBe('cancelled');
      });
    });

    describe('a client that goes away', () => {
      test('from a stream leaves its run and the other readers alone', async () => {
        const id = await submit(url, 'held');
        const stays = readStream(await fetch(`${url}/runs/${id}/events`));
        const leave = Array.from({ length: 10 }, async () => {
          const abort = new AbortController();
          const { signal } = abort;
          const stream = readStream(await fetch(`${url}/runs/${id}/events`, { signal }));
          await stream.until('event: node.started');
          abort.abort();
        });
        await Promise.all(leave);
        expect(await show(url, id)).toMatchObject({ status: 'running' });
        await post(`${url}/runs/${id}/cancel`, {});
        expect(await stays.rest()).toContain('event: end');
      });

      test('from a run that has begun leaves it to its end', async () => {
        const before = await runIds(url);
        const abort = new AbortController();
        const { signal } = abort;
        const body = JSON.stringify({ pipeline_names: ['held'] });
        const headers = { 'content-type': 'application/json' };
        const answer = fetch(`${url}/run`, { method: 'POST', headers, body, signal });
        const lost = expect(answer).rejects.toThrow();
        const id = await eventually(async () => {
          const running = await runIds(url, '&status=running');
          const first = running.find((each) => !before.includes(each));
          if (first === undefined) throw new Error('The run has not begun.');
          return first;
        });
        abort.abort();
        await lost;
        expect((await fetch(`${url}/health`)).status).toBe(200);
        expect(await show(url, id)).toMatchObject({ status: 'running' });
        await post(`${url}/runs/${id}/cancel`, {});
        await eventually(async () =>
          expect(await show(url, id)).toMatchObject({ status: 'cancelled' }),
        );
      });
    });
  });
}

/** How the run ended: what the waiting request was told, or, if it heard of the cancel only, what is so now. */
async function ended(
  waiting: Promise<{ readonly status: string }>,
  url: string,
  id: string,
): Promise<string> {
  const { status } = await waiting;
  if (status !== 'cancelling') return status;
  const now = await show(url, id);
  expect(now.status).not.toBe('cancelling');
  return now.status;
}

async function runIds(url: string, query = ''): Promise<readonly string[]> {
  const response = await fetch(`${url}/runs?limit=100${query}`);
  return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}
