import { answerMalformedHost, isHostMalformed } from '../door/host-check.ts';
import { hasLength, holdBody } from '../held-body.ts';
import type { Place } from '../nodejs/listen-error.ts';
import {
  type Listener,
  type RunningServer,
  type ServableApp,
  serveApp,
  type ServeOptions,
} from '../nodejs/serve-app.ts';

export * from './project-server.ts';

interface BunServer {
  readonly port: number | undefined;
  stop(endsConnections: boolean): Promise<void>;
  /** Cuts a request's connection after so many idle seconds, of at most 255; 0: never. */
  timeout(request: Request, seconds: number): void;
}

/** As much of Bun as is used here: published types must not need a runtime's own. */
interface BunRuntime {
  serve(
    options: Readonly<Record<string, unknown>> & {
      fetch(request: Request): Response | Promise<Response>;
    },
  ): BunServer;
}
declare const Bun: BunRuntime;

/**
 * Serves an app on `Bun.serve`; resolves once it listens and the app is ready. Throws
 * `KedroServerError` (`port-in-use`) and `ServerSettingsError` for an address that cannot be had,
 * and what `ready()` throws; the app is then left as it is.
 */
export function serve(app: ServableApp, options: ServeOptions = {}): Promise<RunningServer> {
  return serveApp(app, options, (place) => listen(app, options, place));
}

function listen(
  app: ServableApp,
  { tls, keepAliveTimeoutMs = 65_000 }: ServeOptions,
  { port, hostname, path }: Place,
): Listener {
  const idleTimeout = Math.min(255, Math.ceil(keepAliveTimeoutMs / 1000));
  const server = Bun.serve({
    ...(path === undefined ? { port, hostname } : { unix: path }),
    ...(tls !== undefined && { tls }),
    idleTimeout,
    development: false,
    // Outside of development Bun would share a port that is in use.
    reusePort: false,
    async fetch(request) {
      // Bun joins what it gets twice.
      if (isHostMalformed(request.headers.get('host'))) return answerMalformedHost();
      if (hasLength(request.headers)) holdBody(request);
      // A run may be silent for as long as it likes, and so may its stream of events.
      server.timeout(request, 0);
      const response = await app.fetch(request);
      if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
        server.timeout(request, idleTimeout);
      }
      return response;
    },
  });
  return {
    port: server.port ?? 0,
    stop: () => server.stop(false),
    cut: () => void server.stop(true),
  };
}
