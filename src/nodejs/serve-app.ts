import { freeSocketPath } from './free-socket-path.ts';
import { type Place, toListenError } from './listen-error.ts';
import { createStopSignal } from './stop-signal.ts';

/** What can be served: an app of `createHttpServer`, or any other with a `fetch`. */
export interface ServableApp {
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** Waited for before `serve` resolves. */
  ready?(): Promise<unknown>;
  /** Called when the server closes; waited for. */
  close?(): Promise<void>;
}

/** A certificate and its key, as PEM text; what else there is goes to the runtime as it is. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly [option: string]: unknown;
}

export interface ServeOptions {
  /** 8000 by default; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Address to bind to; `127.0.0.1` by default. */
  readonly hostname?: string | undefined;
  /** Path of a Unix socket to listen at, instead of a port. One that a dead process left is replaced. */
  readonly path?: string | undefined;
  /** Serves HTTPS. */
  readonly tls?: TlsOptions | undefined;
  /** Aborting it closes the server. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Closes the server at SIGINT or SIGTERM, and ends the process at once at a second one. Off by
   * default: signals are the program's.
   */
  readonly stopOnSignals?: boolean | undefined;
  /** How long a client may take to send a request's headers, on Node.js. 15 s by default. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a client may take to send a whole request, on Node.js. 60 s by default. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How long a client may take nothing of an answer that is there for it, on Node.js. 120 s by
   * default.
   */
  readonly sendTimeoutMs?: number | undefined;
  /**
   * How long an idle connection is kept, on Node.js and Bun: longer than most proxies do, 65 s by
   * default.
   */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** How long a closing server waits for clients to take their last answers. 10 s by default. */
  readonly lingerMs?: number | undefined;
}

export interface RunningServer {
  /** `http://127.0.0.1:8000`; `unix:/run/kedro.sock` for a Unix socket. */
  readonly url: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Resolves when the server has closed, whatever closed it; rejects as `close()` does. */
  readonly closed: Promise<void>;
  /**
   * Stops accepting, closes idle connections, closes the app while the requests in hand are
   * answered, then ends what is left. Calling it again is the same call.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A runtime's own server. */
export interface Listener {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Takes no more connections; resolves when the answers in hand have been taken. */
  stop(): Promise<void>;
  /** Ends the connections that are left, with which `stop()` resolves. */
  cut(): void;
}

/**
 * Serves an app on a runtime's server, which `listen` starts, from when it is ready until it is
 * closed. Throws as `serve` does.
 */
export async function serveApp(
  app: ServableApp,
  options: ServeOptions,
  listen: (place: Place) => Listener | Promise<Listener>,
): Promise<RunningServer> {
  const { signal, lingerMs = 10_000 } = options;
  const { hostname = '127.0.0.1', port = 8000, path } = options;
  signal?.throwIfAborted();
  const listener = await listenAt({ hostname, port, path }, listen);
  const closed = Promise.withResolvers<void>();
  // Who does not look at it is not to be ended by it.
  closed.promise.catch(() => {});
  const stopSignal =
    options.stopOnSignals === true ? createStopSignal((code) => process.exit(code)) : undefined;
  let isClosing = false;
  const close = (): Promise<void> => {
    if (!isClosing) {
      isClosing = true;
      signal?.removeEventListener('abort', closeUnwatched);
      closed.resolve(stop(listener, app, lingerMs).finally(() => stopSignal?.[Symbol.dispose]()));
    }
    return closed.promise;
  };
  const closeUnwatched = (): void => void close().catch(() => {});
  signal?.addEventListener('abort', closeUnwatched, { once: true });
  void stopSignal?.received.then(closeUnwatched);
  try {
    await app.ready?.();
    signal?.throwIfAborted();
  } catch (error) {
    signal?.removeEventListener('abort', closeUnwatched);
    stopSignal?.[Symbol.dispose]();
    const stopped = isClosing ? closed.promise : listener.stop();
    listener.cut();
    await stopped;
    throw signal?.aborted === true ? signal.reason : error;
  }
  return {
    url: urlOf(options, hostname, listener.port),
    port: listener.port,
    closed: closed.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listenAt(
  place: Place,
  listen: (place: Place) => Listener | Promise<Listener>,
): Promise<Listener> {
  try {
    if (place.path !== undefined) await freeSocketPath(place.path);
    return await listen(place);
  } catch (error) {
    throw toListenError(error, place);
  }
}

async function stop(listener: Listener, app: ServableApp, lingerMs: number): Promise<void> {
  const stopped = listener.stop();
  try {
    await app.close?.();
  } finally {
    const limit = setTimeout(() => listener.cut(), lingerMs);
    await stopped;
    clearTimeout(limit);
  }
}

function urlOf({ path, tls }: ServeOptions, hostname: string, port: number): string {
  if (path !== undefined) return `unix:${path}`;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}
