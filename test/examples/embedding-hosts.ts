import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import { createExpressHost } from '../../examples/embedding/src/express.ts';
import { createFastifyHost } from '../../examples/embedding/src/fastify.ts';
import { createHonoHost } from '../../examples/embedding/src/hono.ts';
import { createRouteHandlers } from '../../examples/embedding/src/next.ts';
import type { HttpServer } from '../../src/adapters/node.ts';

/** A host app that listens. */
export interface RunningHost {
  readonly url: string;
  close(): Promise<void>;
}

async function listen(server: Server, close?: () => Promise<void>): Promise<RunningHost> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('It has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await close?.();
    },
  };
}

function listenWithFetch(fetch: (request: Request) => Response | Promise<Response>) {
  const server = createAdaptorServer({ fetch });
  if (!('closeAllConnections' in server)) throw new Error('It is no HTTP/1 server.');
  return listen(server);
}

/** The hosts of `examples/embedding`, each with a server below `/kedro`. */
export const hosts: Readonly<Record<string, (kedro: HttpServer) => Promise<RunningHost>>> = {
  Hono: (kedro) => listenWithFetch(createHonoHost(kedro).fetch),
  Express: (kedro) => listen(createServer(createExpressHost(kedro))),
  async Fastify(kedro) {
    const host = createFastifyHost(kedro);
    await host.listen({ port: 0, host: '127.0.0.1' });
    return {
      url: host.listeningOrigin,
      async close() {
        host.server.closeAllConnections();
        await host.close();
      },
    };
  },
  // As Next.js does with what a `route.ts` exports.
  'route handlers, as in Next.js,': (kedro) => {
    const handlers = new Map(Object.entries(createRouteHandlers(kedro)));
    return listenWithFetch((request) => {
      if (new URL(request.url).pathname === '/') return new Response('the host');
      return handlers.get(request.method)?.(request) ?? new Response(null, { status: 405 });
    });
  },
};
