import { type Context, type Env, type Handler, Hono } from 'hono';
import { cors } from 'hono/cors';
import type { BlankInput } from 'hono/types';
import { createHostCheck, type HostCheck } from '../door/host-check.ts';
import { createPageCheck, type PageCheck } from '../door/page-check.ts';
import { isKedrosPath } from './known-paths.ts';
import { ProblemError } from './problem-error.ts';
import { toErrorResponse, unexpectedResponse } from './to-error-response.ts';
import { readTraceHeaders } from './trace-headers.ts';

export interface GuardOptions {
  /**
   * The names that requests may call this server by in `Host`, each with a port if only that one is
   * meant; others are answered with 421. Without it, every name. `loopbackHosts` are those of a
   * server on loopback.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Origins of pages that may call this server, like `https://app.example.org`: they have CORS, and
   * pages of all other origins are refused with 403; with none, every page is. Without it nothing of
   * it is looked at, and there is no CORS.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
}

interface Guards {
  readonly checkHost: HostCheck | null;
  readonly checkPage: PageCheck | null;
}

const longestShown = 200;

const exposedHeaders = [
  'etag',
  'idempotent-replayed',
  'link',
  'location',
  'preference-applied',
  'retry-after',
  'x-request-id',
];

/**
 * Creates an app of the same routes whose requests have to pass the guards first, or gives the app
 * back where there are none. It is no middleware: that would take longer than `/health` may.
 */
export function guardRoutes<App extends Hono>(routes: App, options: GuardOptions): App;
export function guardRoutes(routes: Hono, options: GuardOptions): Hono {
  const { allowedHosts, allowedOrigins } = options;
  if (allowedHosts === undefined && allowedOrigins === undefined) return routes;
  const guards: Guards = {
    checkHost: allowedHosts === undefined ? null : createHostCheck(allowedHosts),
    checkPage: allowedOrigins === undefined ? null : createPageCheck(allowedOrigins),
  };
  const app = new Hono();
  if (allowedOrigins !== undefined && allowedOrigins.length > 0) {
    app.use(
      cors({
        origin: [...allowedOrigins],
        allowMethods: ['GET', 'HEAD', 'POST'],
        exposeHeaders: exposedHeaders,
        credentials: true,
        maxAge: 600,
      }),
    );
  }
  for (const { method, path, handler } of routes.routes) {
    const serve: Handler<Env, string, BlankInput, Response | Promise<Response>> = handler;
    const isKedros = isKedrosPath(path);
    app.on(method, path, (c, next) => {
      const refusal = refuse(c.req.raw, guards);
      return refusal === null ? serve(c, next) : answerRefusal(c, refusal, isKedros);
    });
  }
  app.notFound((c) => {
    const refusal = refuse(c.req.raw, guards);
    return refusal === null ? routes.fetch(c.req.raw, c.env) : answerRefusal(c, refusal, true);
  });
  return app;
}

function refuse(request: Request, { checkHost, checkPage }: Guards): ProblemError | null {
  const { headers } = request;
  if (checkHost !== null) {
    const host = headers.get('host') ?? new URL(request.url).host;
    if (!checkHost(host)) return hostUnknown(host);
  }
  if (checkPage !== null && !checkPage(request)) return pageRefused(headers.get('origin'));
  return null;
}

function hostUnknown(host: string): ProblemError {
  return new ProblemError(
    'host-unknown',
    `This server is not known as '${host.slice(0, longestShown)}'. Call it by an address that it listens on, or let it be known by that name too: --allowed-hosts of kedro-server start, allowedHosts of createHttpServer().`,
  );
}

function pageRefused(origin: string | null): ProblemError {
  const page = origin === null ? '' : ` ('${origin.slice(0, longestShown)}')`;
  return new ProblemError(
    'page-refused',
    `A page of another origin${page} may not call this server. Let its origin in if it is yours: --allowed-origins of kedro-server start, allowedOrigins of createHttpServer().`,
  );
}

function answerRefusal(c: Context, refusal: ProblemError, isKedros: boolean): Response {
  const trace = isKedros ? null : readTraceHeaders(c.req.raw.headers);
  const response = toErrorResponse(refusal, trace) ?? unexpectedResponse(trace);
  if (trace !== null) response.headers.set('x-request-id', trace.requestId);
  return response;
}
