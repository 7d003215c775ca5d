import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What becomes of one connection. */
export type Fate =
  /** It is cut once so many bytes of answers have passed. */
  | { readonly cutAfter: number }
  /** After so many bytes nothing passes any more, and nobody is told. */
  | { readonly silentAfter: number }
  /** Nothing happens to it. */
  | null;

export interface FaultProxyOptions {
  /** Decides about each connection, counted from 0; default: nothing happens to any. */
  readonly fateOf?: (connection: number) => Fate;
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Cuts all that there are. */
  cut(): void;
  /** Keeps everything back, and nobody is told, until `release`; new connections are made. */
  hold(): void;
  release(): void;
}

/**
 * Listens on a free port of this machine and passes bytes on, whatever they mean, to the host and
 * port of a URL, or of the one that `target` gives for a new connection.
 */
export async function startFaultProxy(
  target: string | (() => string),
  { fateOf = () => null }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let isHeld = false;

  function pass(from: Socket, to: Socket, write: (bytes: Buffer) => boolean): void {
    from.on('data', (bytes: Buffer) => {
      if (!write(bytes)) from.pause();
    });
    from.on('end', () => to.end());
    to.on('drain', () => {
      if (!isHeld) from.resume();
    });
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const fate = fateOf(connections);
    connections += 1;
    const { hostname, port } = new URL(typeof target === 'string' ? target : target());
    const upstream = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    let left = fate === null ? Infinity : 'cutAfter' in fate ? fate.cutAfter : fate.silentAfter;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      socket.setNoDelay();
    }
    pass(client, upstream, (bytes) => upstream.write(bytes));
    pass(upstream, client, (bytes) => {
      const isFlowing = client.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left > 0) return isFlowing;
      left = 0;
      if (fate !== null && 'cutAfter' in fate) client.end(() => client.destroy());
      return true;
    });
    if (isHeld) for (const socket of [client, upstream]) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    hold: () => {
      isHeld = true;
      for (const socket of sockets) socket.pause();
    },
    release: () => {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
