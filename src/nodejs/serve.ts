import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import { Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { holdBody } from '../held-body.ts';
import { endStalledSockets } from './end-stalled-sockets.ts';
import type { Place } from './listen-error.ts';
import {
  type Listener,
  type RunningServer,
  type ServableApp,
  serveApp,
  type ServeOptions,
} from './serve-app.ts';

const IDLE_CHECK_MS = 25;

/**
 * Serves an app on Node's HTTP server; resolves once it listens and the app is ready. Throws
 * `KedroServerError` (`port-in-use`) and `ServerSettingsError` for an address that cannot be had,
 * and what `ready()` throws; the app is then left as it is.
 */
export function serve(app: ServableApp, options: ServeOptions = {}): Promise<RunningServer> {
  return serveApp(app, options, (place) => listen(app, options, place));
}

async function listen(app: ServableApp, options: ServeOptions, place: Place): Promise<Listener> {
  const { port, hostname, path } = place;
  const server = createServer(app, options, hostname);
  const sockets = trackSockets(server);
  endStalledSockets(server, sockets, options.sendTimeoutMs ?? 120_000);
  if (path === undefined) server.listen(port, hostname);
  else server.listen(path);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: () => stop(server, sockets),
    cut: () => server.closeAllConnections(),
  };
}

function createServer(
  app: ServableApp,
  options: ServeOptions,
  hostname: string,
): Server | TlsServer {
  const { headersTimeoutMs = 15_000, requestTimeoutMs = 60_000, tls } = options;
  const server = createAdaptorServer({
    fetch: (request, env) => {
      const { rawHeaders, headers } = env.incoming;
      if (hasTwoHosts(rawHeaders)) {
        return new Response('More than one Host header.', { status: 400 });
      }
      const { 'content-length': length, 'transfer-encoding': coding } = headers;
      // Read at once, a body costs a third of what it does as a web stream.
      if (length !== undefined && coding === undefined) holdBody(request);
      return app.fetch(request, env);
    },
    hostname,
    ...(tls !== undefined && { createServer: createTlsServer }),
    serverOptions: {
      ...tls,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
      connectionsCheckingInterval: Math.min(5000, headersTimeoutMs, requestTimeoutMs),
    },
  });
  if (server instanceof Server || server instanceof TlsServer) return server;
  throw new TypeError('@hono/node-server made no HTTP/1 server');
}

/** Node takes the first, what stands before it perhaps the other: RFC 9112 has such requests refused. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

function trackSockets(server: Server | TlsServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function stop(server: Server | TlsServer, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.prependListener('request', (_request, response) =>
    response.setHeader('connection', 'close'),
  );
  server.close();
  // Node closes what is idle at the call only: a connection whose answer ends later would stay.
  const idleCheck = setInterval(() => {
    server.closeIdleConnections();
    // To Node one that was opened in advance, as browsers and fetch do, is not idle.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  }, IDLE_CHECK_MS);
  await closed;
  clearInterval(idleCheck);
}
