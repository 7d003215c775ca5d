import { Hono } from 'hono';
import type { HttpServer } from 'kedro-server';

/**
 * What `app/kedro/[...path]/route.ts` of a Next.js app exports; other frameworks whose route handlers take a
 * `Request` and return a `Response` are the same.
 */
export function createRouteHandlers(kedro: HttpServer) {
  const host = new Hono().route('/kedro', kedro);
  const handle = async (request: Request): Promise<Response> => host.fetch(request);
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, DELETE: handle, OPTIONS: handle };
}
