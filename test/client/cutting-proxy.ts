import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What becomes of one connection. */
export type Fate =
  /** It is cut once so many bytes of answers have passed. */
  | { readonly cutAfter: number }
  /** After so many bytes nothing passes any more, and nobody is told. */
  | { readonly silentAfter: number }
  /** Nothing happens to it. */
  | null;

export interface CuttingProxy {
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
  /** Cuts all that there are. */
  cut(): void;
}

/**
 * Passes bytes on to a server, or the one that `target` gives for a new connection; `fateOf`
 * decides about each connection, counted from 0.
 */
export async function startCuttingProxy(
  target: string | (() => string),
  fateOf: (connection: number) => Fate,
): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const fate = fateOf(connections);
    connections += 1;
    const { hostname, port } = new URL(typeof target === 'string' ? target : target());
    const upstream = connect(Number(port), hostname);
    let left = fate === null ? Infinity : 'cutAfter' in fate ? fate.cutAfter : fate.silentAfter;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      client.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left > 0) return;
      left = 0;
      if (fate !== null && 'cutAfter' in fate) client.end(() => client.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  });
  return {
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
  };
}
