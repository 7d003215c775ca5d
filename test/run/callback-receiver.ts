import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';

export interface ReceivedCallback {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CallbackReceiver {
  readonly url: string;
  readonly received: readonly ReceivedCallback[];
  /** Connections that are open. */
  readonly open: number;
  /** Resolves when so many have been received. */
  until(count: number): Promise<void>;
}

/** Starts a real server that takes callbacks, until the test is over. */
export async function startCallbackReceiver(
  answer: (response: ServerResponse, count: number) => void,
): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = [];
  let open = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      answer(response, received.length);
    });
  });
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => (open -= 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    get open() {
      return open;
    },
    until: async (count) => {
      await expect.poll(() => received.length, { interval: 5, timeout: 10_000 }).toBe(count);
    },
  };
}
