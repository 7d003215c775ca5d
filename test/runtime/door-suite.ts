import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { lockedKey } from './fixture.ts';
import { malformedRequests } from './malformed-requests.ts';
import { post, sendRaw, type ShownRun, trickle } from './server-client.ts';

/** Who may call and what comes in: the same in every runtime. `/locked` asks who calls. */
export function describeDoor(runtime: string, urlOf: () => string): void {
  describe('the door', () => {
    async function statusOf(request: string): Promise<number> {
      const answer = await text(await sendRaw(urlOf(), request));
      return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
    }

    const get = (path: string, ...headers: readonly string[]): Promise<number> =>
      statusOf([`GET ${path} HTTP/1.1`, 'Connection: close', ...headers, '', ''].join('\r\n'));

    const bearer = `Authorization: Bearer ${lockedKey}`;

    test('is open to who has a key, by a name of the server, from its own pages', async () => {
      const host = 'Host: localhost';
      expect(await get('/locked/livez', host)).toBe(200);
      expect(await get('/locked/runs', host)).toBe(401);
      expect(await get('/locked/runs', host, `${bearer}0`)).toBe(401);
      expect(await get('/locked/runs', host, bearer)).toBe(200);
      expect(await get('/locked/runs', host, bearer, 'Sec-Fetch-Site: same-origin')).toBe(200);
      expect(await get('/locked/runs', host, bearer, 'Sec-Fetch-Site: same-site')).toBe(403);
      expect(await get('/locked/runs', host, bearer, 'Origin: http://localhost:1')).toBe(403);
      expect(await get('/locked/livez', 'Host: evil.example')).toBe(421);
      expect(await get('/livez', 'Host: evil.example', 'Origin: http://evil.example')).toBe(200);
    });

    test('lets a browser follow one run', async () => {
      const url = `${urlOf()}/locked/runs`;
      const headers = { authorization: `Bearer ${lockedKey}` };
      const submitted = await post(url, {}, { ...headers, prefer: 'wait=60' });
      const { id } = (await submitted.json()) as ShownRun;
      const made = await fetch(`${url}/${id}/token`, { method: 'POST', headers });
      expect(made.status).toBe(201);
      const cookie = made.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
      const events = await fetch(`${url}/${id}/events`, { headers: { cookie } });
      expect(await events.text()).toContain('event: end');
      const { token } = (await made.json()) as { readonly token: string };
      const others = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      expect(others.status).toBe(403);
    });

    test('takes odd values as data, as they were written', async () => {
      const params =
        '{"f":1.0,"n":12345678901234567890,"z":-0,"e":1E2,"a":1,"__proto__":{"x":[]},"a":2,"half":"\\ud800","nul":"\\u0000","":null}';
      const url = urlOf();
      const response = await post(`${url}/runs`, `{"params":${params}}`, { prefer: 'wait=60' });
      const shown = await response.text();
      expect([response.status, shown]).toEqual([200, expect.stringContaining('"succeeded"')]);
      expect(/"params":(\{.*?"":null\})/.exec(shown)?.[1]).toBe(
        '{"f":1.0,"n":12345678901234567890,"z":-0,"e":1E2,"a":2,"__proto__":{"x":[]},"half":"\\ud800","nul":"\\u0000","":null}',
      );
    });

    test('takes the numbers that Python has beside those of JSON', async () => {
      const params = '{"a":NaN,"b":[-Infinity],"c":"NaN"}';
      const body = `{"params":${params},"inputs":{"numbers":[1,Infinity]},"outputs":["total"]}`;
      const response = await post(`${urlOf()}/runs`, body, { prefer: 'wait=60' });
      const shown = (await response.json()) as ShownRun & {
        readonly request: { readonly params: unknown };
      };
      expect([response.status, shown.status]).toEqual([200, 'succeeded']);
      expect(shown.request.params).toEqual({ a: null, b: [null], c: 'NaN' });
    });

    test.each([
      ['a control character', '{"params":{"a":"\u0001"}}', 422],
      ['text after it', '{} {}', 422],
      ['a comment', '{/**/}', 422],
      ['too many levels', `{"params":{"a":${'['.repeat(954)}${']'.repeat(954)}}}`, 400],
      ['levels without end', '['.repeat(500_000), 400],
      ['too long a whole number', `{"params":{"a":${'1'.repeat(4301)}}}`, 400],
      ['too many names', JSON.stringify({ tags: Array(10_001).fill('a') }), 422],
      ['too long a name', JSON.stringify({ tags: ['a'.repeat(1001)] }), 422],
    ])('refuses a body with %s', async (_, body, status) => {
      for (const path of ['/run', '/runs']) {
        const response = await post(`${urlOf()}${path}`, body);
        await response.arrayBuffer();
        expect([path, response.status]).toEqual([path, status]);
      }
    });

    const framings = [
      ['with its length', 'Content-Length: 100', ' '],
      ['in chunks', 'Transfer-Encoding: chunked', '1\r\n \r\n'],
    ] as const;

    test.each(framings)('cuts off a body that trickles in, %s', async (_, framing, piece) => {
      const cutOff = async (path: string): Promise<string> => {
        const head = [`POST ${path} HTTP/1.1`, 'Host: localhost', bearer, framing];
        const type = 'Content-Type: application/json';
        const socket = await sendRaw(urlOf(), [...head, type, '', ''].join('\r\n'));
        // Deno takes the rest of a body whose request it has answered.
        return trickle(socket, piece, runtime !== 'Deno');
      };
      const [kedros = '', ours = ''] = await Promise.all(
        ['/locked/run', '/locked/runs'].map(cutOff),
      );
      expect(kedros).toMatch(/^HTTP\/1\.1 408 /);
      expect(kedros).toContain('{"detail":"The request body has not come within 1 s.');
      expect(ours).toMatch(/^HTTP\/1\.1 408 /);
      expect(ours).toContain('"code":"body-too-slow"');
      expect((await fetch(`${urlOf()}/livez`)).status).toBe(200);
    });

    test.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json, text/plain',
      '',
    ])('refuses a body that is sent as %j', async (type) => {
      for (const path of ['/run', '/runs']) {
        const response = await post(`${urlOf()}${path}`, '{}', { 'content-type': type });
        await response.arrayBuffer();
        expect([path, response.status]).toEqual([path, 422]);
      }
    });

    test.each(malformedRequests)('is closed to a request with $name', async (request) => {
      const { Deno = 400, Bun = 400, workerd = 400 } = request;
      const own = new Map([
        ['Deno', Deno],
        ['Bun', Bun],
        ['workerd', workerd],
      ]);
      expect(await statusOf(request.text)).toBe(own.get(runtime) ?? 400);
    });
  });
}
