import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { KedroServerError, ServerSettingsError } from '../../src/errors.ts';
import { serve } from '../../src/nodejs/serve.ts';
import type { RunningServer, ServableApp } from '../../src/nodejs/serve-app.ts';

const helloApp: ServableApp = { fetch: () => new Response('hello') };

test('port 0 takes a free one, and the URL says which', async () => {
  await using server = await serve(helloApp, { port: 0 });
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(await (await fetch(server.url)).text()).toBe('hello');
});

test('an IPv6 address stands in brackets', async () => {
  await using server = await serve(helloApp, { port: 0, hostname: '::1' });
  expect(server.url).toBe(`http://[::1]:${server.port}`);
  expect((await fetch(server.url)).status).toBe(200);
});

test('it resolves when the app is ready', async () => {
  let isReady = false;
  const ready = async (): Promise<void> => {
    await new Promise(setImmediate);
    isReady = true;
  };
  await using _server = await serve({ ...helloApp, ready }, { port: 0 });
  expect(isReady).toBe(true);
});

test('a port in use is refused by number, and the app is left as it is', async () => {
  await using first = await serve(helloApp, { port: 0 });
  let closed = 0;
  const app = { ...helloApp, close: async () => void (closed += 1) };
  const refused = serve(app, { port: first.port });
  await expect(refused).rejects.toThrow(KedroServerError);
  await expect(refused).rejects.toMatchObject({
    code: 'port-in-use',
    message: `Port ${first.port} on 127.0.0.1 is already in use. Stop what listens there, or choose another port (0 takes a free one).`,
  });
  expect(closed).toBe(0);
});

test.each([
  [{ port: 0, hostname: '203.0.113.7' }, "Host '203.0.113.7' is no address of this machine."],
  [{ port: 65_536 }, 'Port 65536 does not exist: use 0 to 65535.'],
])('an address that cannot be had is refused: %j', async (options, message) => {
  const refused = serve(helloApp, options);
  await expect(refused).rejects.toThrow(ServerSettingsError);
  await expect(refused).rejects.toThrow(message);
});

test('an app that does not get ready frees the port', async () => {
  let address = 0;
  const ready = (): Promise<void> => Promise.reject(new Error('no Python'));
  await using probe = await serve(helloApp, { port: 0 });
  address = probe.port;
  await probe.close();
  await expect(serve({ ...helloApp, ready }, { port: address })).rejects.toThrow('no Python');
  await using again = await serve(helloApp, { port: address });
  expect((await fetch(again.url)).status).toBe(200);
});

test('closing lets a request in hand end, refuses connections, closes the app', async () => {
  const entered = Promise.withResolvers<void>();
  const appClosed = Promise.withResolvers<void>();
  const app: ServableApp = {
    async fetch() {
      entered.resolve();
      await appClosed.promise;
      return new Response('drained');
    },
    async close() {
      await expect(fetch(server.url)).rejects.toThrow();
      appClosed.resolve();
    },
  };
  await using server: RunningServer = await serve(app, { port: 0 });
  const answer = fetch(server.url);
  await entered.promise;
  const closing = server.close();
  expect(server.close()).toBe(closing);
  expect(await (await answer).text()).toBe('drained');
  await closing;
});

test('connections that are idle, or become so, are closed at once', async () => {
  const entered = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const fetchSlow = (): Promise<Response> => {
    entered.resolve();
    return answer.promise;
  };
  const app: ServableApp = {
    fetch: (request) => (request.url.endsWith('/slow') ? fetchSlow() : new Response('hello')),
  };
  await using server = await serve(app, { port: 0 });
  const idle = await send(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(idle, 'data');
  const busy = await send(server, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await entered.promise;
  const closing = server.close();
  await ended(idle);
  answer.resolve(new Response('slow'));
  expect(await text(busy)).toContain('slow');
  await closing;
});

test('a connection that was opened in advance does not hold up the close', async () => {
  const server = await serve(helloApp, { port: 0 });
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  expect(await (await fetch(server.url)).text()).toBe('hello');
  const closingAt = performance.now();
  await server.close();
  expect(performance.now() - closingAt).toBeLessThan(4000);
  socket.destroy();
});

test('an answer that is never taken holds up the close for the linger time only', async () => {
  const app: ServableApp = { fetch: () => new Promise<Response>(() => {}) };
  await using server = await serve(app, { port: 0, lingerMs: 20 });
  const socket = await send(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const socketEnded = ended(socket);
  await server.close();
  await socketEnded;
});

test.each([
  ['headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ['nothing at all', ''],
])('a client that is slow to send %s is cut off', async (_, sent) => {
  await using server = await serve(helloApp, { port: 0, headersTimeoutMs: 50 });
  const socket = await send(server, sent);
  expect(await text(socket)).toMatch(/^(?:HTTP\/1\.1 408|$)/);
});

test('a client that is slow to send a body is cut off', async () => {
  const app: ServableApp = { fetch: async (request) => new Response(await request.text()) };
  await using server = await serve(app, { port: 0, requestTimeoutMs: 50 });
  const socket = await send(server, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 4/);
});

test('a client that takes nothing of its answer is cut off, one that waits for it is not', async () => {
  const cutOff = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const endless = (): Response =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => cutOff.resolve(),
      }),
    );
  const late = async (): Promise<Response> => {
    await mayAnswer.promise;
    return new Response('late');
  };
  const app: ServableApp = {
    fetch: (request) => (request.url.endsWith('/endless') ? endless() : late()),
  };
  await using server = await serve(app, { port: 0, sendTimeoutMs: 50 });
  const waiting = await send(server, 'GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const stuck = await send(server, 'GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
  stuck.pause().on('error', () => {});
  await cutOff.promise;
  mayAnswer.resolve();
  expect(await text(waiting)).toMatch(/late$/);
  stuck.destroy();
});

test.each([
  ['no Host', '\r\n'],
  ['two Hosts', 'Host: x\r\nhost: y\r\n\r\n'],
  ['the same Host twice', 'Host: x\r\nHost: x\r\n\r\n'],
  ['a Host with a user part', 'Host: me@x\r\n\r\n'],
  ['a Host that is a list', 'Host: x, y\r\n\r\n'],
  ['a folded header', 'Host: x\r\nX-Long: a\r\n b\r\n\r\n'],
  ['a line that ends without CR', 'Host: x\nX-Short: a\r\n\r\n'],
  ['a CR alone', 'Host: x\r\nX-Short: a\rX-Other: b\r\n\r\n'],
  ['a space before the colon', 'Host: x\r\nX-Short : a\r\n\r\n'],
  ['both lengths', 'Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['a length that is no number', 'Host: x\r\nContent-Length: +1\r\n\r\na'],
  ['chunks that are not last', 'Host: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
  ['a chunk of no size', 'Host: x\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n'],
])('a request with %s is refused', async (_, rest) => {
  const app: ServableApp = { fetch: async (request) => new Response(await request.text()) };
  await using server = await serve(app, { port: 0 });
  const socket = await send(server, `POST / HTTP/1.1\r\nConnection: close\r\n${rest}`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

test('aborting the signal closes the server', async () => {
  const controller = new AbortController();
  const appClosed = Promise.withResolvers<void>();
  const app = { ...helloApp, close: async () => appClosed.resolve() };
  await using server = await serve(app, { port: 0, signal: controller.signal });
  controller.abort();
  await appClosed.promise;
  await server.close();
  await expect(fetch(server.url)).rejects.toThrow();
});

test('aborting the signal while the app gets ready closes both', async () => {
  const controller = new AbortController();
  const appClosed = Promise.withResolvers<void>();
  const app: ServableApp = {
    ...helloApp,
    ready: () => {
      controller.abort();
      return appClosed.promise;
    },
    close: async () => appClosed.resolve(),
  };
  await expect(serve(app, { port: 0, signal: controller.signal })).rejects.toThrow('aborted');
  await expect(serve(app, { port: 0, signal: controller.signal })).rejects.toThrow('aborted');
});

async function send(server: RunningServer, data: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  if (data !== '') socket.write(data);
  return socket;
}

/** Waits until the other side has ended the connection, cleanly or not. */
async function ended(socket: Socket): Promise<void> {
  socket.resume().on('error', () => {});
  if (!socket.closed) await once(socket, 'close');
}
