import type * as Adapter from '../../src/adapters/node.ts';
import { selfSigned } from './self-signed.ts';

/**
 * Serves an app by the adapter of the runtime that it runs on: at a Unix socket, whose path it is given, and
 * with TLS. Says where on its first line; `/held` is never answered.
 */
const runtime = 'Deno' in globalThis ? 'deno' : 'Bun' in globalThis ? 'bun' : 'node';
const { serve } = (await import(`../../src/adapters/${runtime}.ts`)) as typeof Adapter;

const [path] = process.argv.slice(2);
const app = {
  fetch: (request: Request): Response | Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/held') {
      process.stdout.write('held\n');
      return new Promise(() => {});
    }
    return Response.json({ runtime, pathname });
  },
};
try {
  await using socket = await serve(app, { path, stopOnSignals: true });
  await using tls = await serve(app, { port: 0, tls: selfSigned });
  process.stdout.write(`${JSON.stringify({ socket: socket.url, tls: tls.url })}\n`);
  await socket.closed;
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
