import type { Hono } from 'hono';
import { methodNotAllowed, notFound } from '../http-error.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const unsafeInLocation = /[^A-Za-z0-9_.\-~:/%#?=@[\]!$&'()*+,;]/gu;

/**
 * Answers what no route takes as Starlette does: a path with too many slashes behind it is
 * redirected, a method that a path does not have is refused, anything else is not found. The
 * paths are registered, so that this also holds inside another app, and what is left (a 404, a
 * rare method) is handled by `notFound`. `allowed` maps each path to its methods.
 */
export function answerUnmatched(app: Hono, allowed: ReadonlyMap<string, string>): void {
  for (const [path, allow] of allowed) {
    const own = allow.split(', ');
    const others = methods.filter((method) => !own.includes(method));
    app.on(others, path, () => {
      throw methodNotAllowed(allow);
    });
    app.all(`${path}/`, (c) => redirect(c.req.url));
  }
  app.notFound((c) => {
    const path = c.req.path.replaceAll(/%2f/gi, '/');
    const allow = allowed.get(path);
    if (allow !== undefined) throw methodNotAllowed(allow);
    if (path.endsWith('/') && allowed.has(withoutSlashes(path))) return redirect(c.req.url);
    throw notFound();
  });
}

/** Redirects to the same URL without the slashes at the end of its path, the query as it was. */
function redirect(url: string): Response {
  const [address = '', ...query] = url.split('?');
  const target = [withoutSlashes(address), ...query].join('?');
  const location = target.replaceAll(unsafeInLocation, encodeURIComponent);
  return new Response('', { status: 307, headers: { location } });
}

function withoutSlashes(path: string): string {
  return path.replace(/(?:\/|%2f)+$/i, '');
}
