import { type Context, type Env, type Handler, Hono } from 'hono';
import { cors } from 'hono/cors';
import type { BlankInput } from 'hono/types';
import { createHostCheck, type HostCheck } from '../door/host-check.ts';
import { createPageCheck, type PageCheck } from '../door/page-check.ts';
import type { ObserveRequest } from '../run/run-metrics.ts';
import type { Callers } from './callers.ts';
import { isKedrosPath } from './known-paths.ts';
import { ProblemError } from './problem-error.ts';
import { admissionOf } from './routes/create-typed-route.ts';
import { toErrorResponse } from './to-error-response.ts';
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

type HeadersLike = Pick<Headers, 'get'>;

/** As much as the guards look at of a request's context. */
interface Guarded {
  readonly env: unknown;
  readonly req: { readonly raw: Request };
}

type Serve = Handler<Env, string, BlankInput, Response | Promise<Response>>;

const longestShown = 200;

const exposedHeaders = [
  'etag',
  'idempotent-replayed',
  'link',
  'location',
  'preference-applied',
  'retry-after',
  'www-authenticate',
  'x-request-id',
];

/**
 * Creates an app of the same routes whose requests have to pass the guards first, and whose callers
 * may ask for what a route gives; or gives the app back where there is nothing to pass. It is no
 * middleware: that would take longer than `/health` may. `observe` is told what is refused.
 */
export function guardRoutes<App extends Hono>(
  routes: App,
  options: GuardOptions,
  callers: Callers | null,
  observe: ObserveRequest,
): App;
export function guardRoutes(
  routes: Hono,
  { allowedHosts, allowedOrigins }: GuardOptions,
  callers: Callers | null,
  observe: ObserveRequest,
): Hono {
  if (allowedHosts === undefined && allowedOrigins === undefined && callers === null) {
    return routes;
  }
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

  function answerRefusal(c: Context, refusal: unknown, isKedros: boolean): Response {
    const trace = isKedros ? null : readTraceHeaders(c.req.raw.headers);
    const response = toErrorResponse(refusal, trace);
    if (response === null) throw refusal;
    if (trace !== null) response.headers.set('x-request-id', trace.requestId);
    observe(c.req.method, response.status, 0);
    return response;
  }

  function guard(serve: Serve, isKedros: boolean): Serve {
    return (c, next) => {
      const refusal = refuse(c, guards);
      return refusal === null ? serve(c, next) : answerRefusal(c, refusal, isKedros);
    };
  }

  /** Lets those in who may ask for what the route gives. */
  function lock(serve: Serve, { admit }: Callers, isKedros: boolean): Serve {
    const wanted = admissionOf(serve);
    if (wanted.access === 'open') return serve;
    return async (c, next) => {
      try {
        await admit(c, wanted);
      } catch (error) {
        return answerRefusal(c, error, isKedros);
      }
      return serve(c, next);
    };
  }

  for (const { method, path, handler } of routes.routes) {
    const isKedros = isKedrosPath(path);
    const locked = callers === null ? handler : lock(handler, callers, isKedros);
    app.on(method, path, guard(locked, isKedros));
  }
  app.notFound((c) => {
    const refusal = refuse(c, guards);
    return refusal === null ? routes.fetch(c.req.raw, c.env) : answerRefusal(c, refusal, true);
  });
  return app;
}

function refuse(c: Guarded, { checkHost, checkPage }: Guards): ProblemError | null {
  const { raw } = c.req;
  const headers = headersOf(c);
  if (checkHost !== null) {
    const host = headers.get('host') ?? new URL(raw.url).host;
    if (!checkHost(host)) return hostUnknown(host);
  }
  if (checkPage === null || checkPage({ method: raw.method, headers })) return null;
  return pageRefused(headers.get('origin'));
}

/**
 * What `@hono/node-server` has read already, where it serves: making `Headers` of it takes longer
 * than the checks.
 */
function headersOf({ env, req }: Guarded): HeadersLike {
  const incoming = isRecord(env) ? env['incoming'] : undefined;
  const known = isRecord(incoming) ? incoming['headers'] : undefined;
  if (!isRecord(known)) return req.raw.headers;
  return {
    get: (name) => {
      const { [name]: value } = known;
      return typeof value === 'string' ? value : null;
    },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
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
