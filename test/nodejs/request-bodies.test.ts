import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

import { createHttpServer } from '../../src/http/create-http-server.ts';
import { serve } from '../../src/nodejs/serve.ts';
import { eventually } from '../eventually.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';

const maxBodyBytes = 64;
const utf8Body = '{"tags":["é"]}';

async function serveRuns() {
  const executor = createMemoryExecutor();
  const unexpected: Error[] = [];
  const onUnexpectedError = (error: Error): void => void unexpected.push(error);
  const app = createHttpServer({ executor, maxBodyBytes, onUnexpectedError });
  const server = await serve(app, { port: 0 });
  const open = async (head: string): Promise<Socket> => {
    const socket = connect(server.port, '127.0.0.1');
    socket.setNoDelay(true);
    await once(socket, 'connect');
    socket.write(
      `POST /run HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n${head}\r\n\r\n`,
    );
    return socket;
  };
  return { app, executor, unexpected, open, [Symbol.asyncDispose]: server.close };
}

const framings = [
  ['with its length', `Content-Length: ${Buffer.byteLength(utf8Body)}`, (piece: Buffer) => piece],
  [
    'in chunks',
    'Transfer-Encoding: chunked',
    (piece: Buffer) =>
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
  ],
] as const;

test.each(framings)('a body that comes in pieces, %s, is read whole', async (_, head, frame) => {
  await using server = await serveRuns();
  const socket = await server.open(head);
  const answer = text(socket);
  for (const byte of Buffer.from(utf8Body)) socket.write(frame(Buffer.from([byte])));
  if (head.startsWith('Transfer')) socket.write('0\r\n\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(server.executor.orders[0]?.tags).toEqual(['é']);
});

test.each([
  ['that says it', `Content-Length: ${maxBodyBytes + 1}`, ''],
  ['in chunks', 'Transfer-Encoding: chunked', `41\r\n${' '.repeat(65)}\r\n`],
])('a body that is too long, %s, is refused', async (_, head, sent) => {
  await using server = await serveRuns();
  const socket = await server.open(head);
  socket.write(sent);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

test.each([
  ['with its length', 'Content-Length: 50', '{"tags":'],
  ['in chunks', 'Transfer-Encoding: chunked', '8\r\n{"tags":\r\n'],
])(
  'a client that leaves in the middle of a body, %s, is no fault of ours',
  async (_, head, sent) => {
    await using server = await serveRuns();
    const socket = await server.open(head);
    socket.write(sent, () => socket.destroy());
    const counted = 'kedro_server_http_requests_total{method="POST",route="/run",status="400"} 1';
    await eventually(async () => {
      expect(await (await server.app.request('/metrics')).text()).toContain(counted);
    });
    expect(server.unexpected).toEqual([]);
    expect(server.executor.orders).toEqual([]);
  },
);
