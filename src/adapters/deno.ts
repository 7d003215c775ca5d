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

/** As much of Deno as is used here: published types must not need a runtime's own. */
interface DenoRuntime {
  serve(
    options: object,
    handler: (request: Request, info: { readonly completed: Promise<void> }) => unknown,
  ): {
    readonly addr: { readonly port?: number };
    shutdown(): Promise<void>;
  };
}
declare const Deno: DenoRuntime;

/**
 * Serves an app on `Deno.serve`; resolves once it listens and the app is ready. Throws
 * `KedroServerError` (`port-in-use`) and `ServerSettingsError` for an address that cannot be had,
 * and what `ready()` throws; the app is then left as it is.
 */
export function serve(app: ServableApp, options: ServeOptions = {}): Promise<RunningServer> {
  return serveApp(app, options, (place) => listen(app, options, place));
}

function listen(
  app: ServableApp,
  { tls }: ServeOptions,
  { port, hostname, path }: Place,
): Listener {
  const place = path === undefined ? { port, hostname } : { path };
  const unanswered = new Set<(answer: Response) => void>();
  const server = Deno.serve({ ...tls, ...place, onListen: () => {} }, (request, info) => {
    watchClient(request, info.completed);
    if (isHostMalformed(request.headers.get('host'))) return answerMalformedHost();
    if (hasLength(request.headers)) holdBody(request);
    const answer = app.fetch(request);
    if (!(answer instanceof Promise)) return answer;
    return new Promise<Response>((resolve, reject) => {
      unanswered.add(resolve);
      void answer.then(resolve, reject).finally(() => unanswered.delete(resolve));
    });
  });
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  return {
    port: server.addr.port ?? 0,
    stop: () => Promise.race([server.shutdown(), cut]),
    // A server that shuts down cannot be made to end connections, and keeps the process until they end.
    cut: () => {
      for (const end of unanswered) end(new Response(null, { status: 503 }));
      resolve();
    },
  };
}

/** Deno's own signal aborts when a request has been answered, too. */
function watchClient(request: Request, completed: Promise<void>): void {
  let gone: AbortController | undefined;
  const watch = (): AbortSignal => {
    if (gone === undefined) {
      const controller = (gone = new AbortController());
      completed.catch((error: unknown) => controller.abort(error));
    }
    return gone.signal;
  };
  Object.defineProperty(request, 'signal', { get: watch });
}
