import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';

/** A server of `createMemoryExecutor` in a process of its own; bodies are limited to 1 MiB. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** Resolves once a run has begun. */
  readonly runStarted: Promise<void>;
  /** Asks the process to end, and resolves to its exit code. */
  stop(): Promise<number | null>;
}

const MEBIBYTE = 2 ** 20;

/** What an HTTP server must do in every runtime. */
export function describeHttp(runtime: string, start: () => Promise<ServerProcess>): void {
  describe(`HTTP on ${runtime}`, () => {
    test('GET /health', async () => {
      await using server = await start();
      const response = await fetch(`${server.url}/health`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await response.json()).toEqual({ status: 'healthy', kedro_version: '1.7.0' });
    });

    test('POST /run', async () => {
      await using server = await start();
      const response = await postRun(server, JSON.stringify({ runner: 'ThreadRunner' }));
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ status: 'success' });
    });

    test('unknown paths are 404, unknown methods 405 with what is allowed', async () => {
      await using server = await start();
      const unknown = await fetch(`${server.url}/nothing`);
      expect(unknown.status).toBe(404);
      expect(await unknown.json()).toEqual({ detail: 'Not Found' });
      for (const method of ['DELETE', 'OPTIONS', 'PUT']) {
        const wrong = await fetch(`${server.url}/health`, { method });
        expect(wrong.status).toBe(405);
        expect(wrong.headers.get('allow')).toBe('GET');
        expect(await wrong.json()).toEqual({ detail: 'Method Not Allowed' });
      }
      const head = await fetch(`${server.url}/health`, { method: 'HEAD' });
      expect(head.status).toBe(405);
    });

    test('a body beyond the limit is 413, and the server goes on', async () => {
      await using server = await start();
      const response = await postRun(server, ' '.repeat(2 * MEBIBYTE));
      expect(response.status).toBe(413);
      await response.body?.cancel();
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
    });

    test('a body beyond the limit is 413 before it has all come', async () => {
      await using server = await start();
      expect(await firstLineOf(server, `Content-Length: ${100 * MEBIBYTE}\r\n\r\n{`)).toMatch(
        /^HTTP\/1\.1 413 /,
      );
    });

    test('a body beyond the limit is 413 when no length was said', async () => {
      await using server = await start();
      const chunk = `${(2 * MEBIBYTE).toString(16)}\r\n${' '.repeat(2 * MEBIBYTE)}\r\n`;
      expect(await firstLineOf(server, `Transfer-Encoding: chunked\r\n\r\n${chunk}`)).toMatch(
        /^HTTP\/1\.1 413 /,
      );
    });

    test('the API reference comes with its files', async () => {
      await using server = await start();
      const page = await (await fetch(`${server.url}/docs`)).text();
      const files = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, file = '']) => file);
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const response = await fetch(new URL(file, `${server.url}/docs`));
        expect([file, response.status]).toEqual([file, 200]);
        await response.body?.cancel();
      }
    });

    test('a run is followed live, and resumed by a reader that was cut off', async () => {
      await using server = await start();
      const run = await submitRun(server, { pipeline_names: ['held'] });
      const cut = new AbortController();
      const events = `${server.url}/runs/${run}/events`;
      const first = await fetch(events, { signal: cut.signal });
      expect(first.headers.get('content-type')).toMatch(/^text\/event-stream/);
      const before = await readUntil(first, 'event: run.started');
      cut.abort();
      const cancelled = await fetch(`${server.url}/runs/${run}/cancel`, { method: 'POST' });
      expect(cancelled.status).toBe(202);
      const resumed = await fetch(events, {
        headers: { 'last-event-id': String(idsOf(before).at(-1)) },
      });
      const after = await readUntil(resumed, 'event: run.cancelling');
      const ids = idsOf(before + after);
      expect(ids).toEqual(ids.map((_, at) => at + 1));
    });

    test('a run that is waited for is answered when it has ended', async () => {
      await using server = await start();
      const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
      const response = await fetch(`${server.url}/runs`, { method: 'POST', headers, body: '{}' });
      expect(response.status).toBe(200);
      expect(response.headers.get('preference-applied')).toBe('wait=30');
      expect(await response.json()).toMatchObject({ status: 'succeeded' });
      const head = await fetch(`${server.url}/runs`, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
    });

    test('a stop lets a run in hand end, and its answer be taken', async () => {
      await using server = await start();
      const answer = postRun(server, JSON.stringify({ pipeline_names: ['held'] }));
      await server.runStarted;
      const stopped = server.stop();
      expect(await (await answer).json()).toMatchObject({ status: 'success' });
      expect(await stopped).toBe(0);
      await expect(fetch(`${server.url}/health`)).rejects.toThrow();
    });
  });
}

function postRun(server: ServerProcess, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${server.url}/run`, { method: 'POST', headers, body });
}

async function submitRun(server: ServerProcess, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/runs`, init);
  expect(response.status).toBe(202);
  return ((await response.json()) as { readonly id: string }).id;
}

/** Reads a stream until its text has `wanted`, and leaves it open. */
async function readUntil({ body }: Response, wanted: string): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes(wanted)) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) throw new Error(`The stream ended before ${wanted}: ${text}`);
    text += value;
  }
  reader?.releaseLock();
  return text.slice(0, text.lastIndexOf('\n\n') + 2);
}

function idsOf(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

/** First line of the answer to a `POST /run` whose headers end, and whose body begins, with `rest`. */
async function firstLineOf(server: ServerProcess, rest: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    socket.write(
      `POST /run HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n${rest}`,
    );
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString('latin1').split('\r\n', 1)[0] ?? '';
  } finally {
    socket.destroy();
  }
}
