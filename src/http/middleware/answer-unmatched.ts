import type { Context, Hono } from 'hono';
import type { RunMetrics } from '../../run/run-metrics.ts';
import { countAnswers } from '../count-answers.ts';
import { methodNotAllowed, notFound } from '../http-error.ts';
import type { KnownPath } from '../known-paths.ts';
import { toErrorResponse } from '../to-error-response.ts';
import { readTraceHeaders } from '../trace-headers.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const unsafeInLocation = /[^A-Za-z0-9_.\-~:/%#?=@[\]!$&'()*+,;]/gu;

/**
 * Answers what no route takes as Starlette does: a path with too many slashes behind it is
 * redirected, a method that a path does not have is refused, anything else is not found. The
 * paths are registered, so that this also holds inside another app, and what is left (a 404, a
 * rare method) is handled by `notFound`. `metrics` count all of it as one route, `other`.
 */
export function answerUnmatched(
  app: Hono,
  paths: readonly KnownPath[],
  metrics: Pick<RunMetrics, 'countRoute'>,
): void {
  const observe = metrics.countRoute('other');
  const counted = (handler: (c: Context) => Response) => countAnswers(observe, handler);
  const patterns = paths.map((known) => ({ known, pattern: toPattern(known.path) }));
  const find = (path: string) => patterns.find(({ pattern }) => pattern.test(path))?.known;
  for (const known of paths) {
    const own = known.allow.split(', ');
    const others = methods.filter((method) => !own.includes(method));
    app.on(
      others,
      known.path,
      counted((c) => refuseMethod(known, c.req.raw)),
    );
    app.all(
      `${known.path}/`,
      counted((c) => redirect(c.req.url)),
    );
  }
  app.notFound(
    counted((c) => {
      const path = c.req.path.replaceAll(/%2f/gi, '/');
      const known = find(path);
      if (known !== undefined) return refuseMethod(known, c.req.raw);
      if (path.endsWith('/') && find(withoutSlashes(path)) !== undefined)
        return redirect(c.req.url);
      throw notFound();
    }),
  );
}

function toPattern(path: string): RegExp {
  const source = path.replaceAll('.', String.raw`\.`).replaceAll(/:\w+/gu, '[^/]+');
  return new RegExp(`^${source}$`, 'u');
}

function refuseMethod({ allow, isKedros }: KnownPath, { headers }: Request): Response {
  const refusal = methodNotAllowed(allow);
  const response = isKedros ? null : toErrorResponse(refusal, readTraceHeaders(headers));
  if (response === null) throw refusal;
  return response;
}

/** Redirects to the same URL without the slashes at the end of its path, the query as it was. */
function redirect(url: string): Response {
  const [address = '', ...query] = url.split('?');
  const target = [withoutSlashes(address), ...query].join('?');
  const location = target.replaceAll(unsafeInLocation, encodeURIComponent);
  return new Response('', { status: 307, headers: { location } });
}

function withoutSlashes(path: string): string {
  return path.replace(/(?<!\/|%2f)(?:\/|%2f)+$/i, '');
}
