import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import { Server } from 'node:http';
import type { Socket } from 'node:net';
import { KedroServerError, ServerSettingsError } from '../errors.ts';
import { holdBody } from '../held-body.ts';

/** What can be served: an app of `createHttpServer`, or any other with a `fetch`. */
export interface ServableApp {
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** Waited for before `serve` resolves. */
  ready?(): Promise<unknown>;
  /** Called when the server closes; waited for. */
  close?(): Promise<void>;
}

export interface ServeOptions {
  /** 8000 by default; 0 takes a free one. */
  readonly port?: number;
  /** Address to bind to; `127.0.0.1` by default. */
  readonly hostname?: string;
  /** Aborting it closes the server. */
  readonly signal?: AbortSignal;
  /** How long a client may take to send a request's headers. 15 s by default. */
  readonly headersTimeoutMs?: number;
  /** How long a client may take to send a whole request. 60 s by default. */
  readonly requestTimeoutMs?: number;
  /** How long an idle connection is kept: longer than most proxies do, 65 s by default. */
  readonly keepAliveTimeoutMs?: number;
  /** How long a closing server waits for clients to take their last answers. 10 s by default. */
  readonly lingerMs?: number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /**
   * Stops accepting, closes idle connections, closes the app while the requests in hand are
   * answered, then ends what is left. Calling it again is the same call.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const IDLE_CHECK_MS = 25;

/**
 * Serves an app on Node's HTTP server; resolves once it listens and the app is ready. Throws
 * `KedroServerError` (`port-in-use`) and `ServerSettingsError` for an address that cannot be had,
 * and what `ready()` throws; the app is then left as it is.
 */
export async function serve(app: ServableApp, options: ServeOptions = {}): Promise<RunningServer> {
  const { port = 8000, hostname = '127.0.0.1', signal } = options;
  signal?.throwIfAborted();
  const server = createServer(app, hostname, options);
  const sockets = trackSockets(server);
  await listen(server, port, hostname);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    signal?.removeEventListener('abort', closeOnAbort);
    return (closing ??= closeServer(server, sockets, app, options.lingerMs ?? 10_000));
  };
  const closeOnAbort = (): void => void close().catch(() => {});
  signal?.addEventListener('abort', closeOnAbort, { once: true });
  try {
    await app.ready?.();
    signal?.throwIfAborted();
  } catch (error) {
    signal?.removeEventListener('abort', closeOnAbort);
    server.close();
    server.closeAllConnections();
    await closing;
    throw signal?.aborted === true ? signal.reason : error;
  }
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${boundPort}`,
    port: boundPort,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createServer(app: ServableApp, hostname: string, options: ServeOptions): Server {
  const { headersTimeoutMs = 15_000, requestTimeoutMs = 60_000 } = options;
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
    serverOptions: {
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
      connectionsCheckingInterval: Math.min(5000, headersTimeoutMs, requestTimeoutMs),
    },
  });
  if (!(server instanceof Server)) throw new TypeError('@hono/node-server made no HTTP/1 server');
  return server;
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

async function listen(server: Server, port: number, hostname: string): Promise<void> {
  try {
    server.listen(port, hostname);
    await once(server, 'listening');
  } catch (error) {
    throw toListenError(error, port, hostname);
  }
}

function toListenError(error: unknown, port: number, hostname: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new KedroServerError(
        'port-in-use',
        `Port ${port} on ${hostname} is already in use. ` +
          'Stop what listens there, or choose another port (0 takes a free one).',
        { cause: error },
      );
    case 'EACCES':
      return new ServerSettingsError(
        `Port ${port} may not be opened by this user. Choose one above 1023.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ServerSettingsError(
        `Host '${hostname}' is no address of this machine. ` +
          'Use 127.0.0.1 for this machine only, or 0.0.0.0 for every network it is on.',
        { cause: error },
      );
    case 'ERR_SOCKET_BAD_PORT':
      return new ServerSettingsError(`Port ${port} does not exist: use 0 to 65535.`, {
        cause: error,
      });
    default:
      return error;
  }
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  app: ServableApp,
  lingerMs: number,
): Promise<void> {
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
  let limit: NodeJS.Timeout | undefined;
  try {
    await app.close?.();
  } finally {
    limit = setTimeout(() => server.closeAllConnections(), lingerMs);
    await closed;
    clearInterval(idleCheck);
    clearTimeout(limit);
  }
}
