import { getRequestListener } from '@hono/node-server';
import fastify from 'fastify';
import { Hono } from 'hono';
import type { HttpServer } from 'kedro-server';

/** A Fastify app that has a Kedro server below `/kedro`, beside its own routes. */
export function createFastifyHost(kedro: HttpServer) {
  const listener = getRequestListener(new Hono().route('/kedro', kedro).fetch);
  const host = fastify();
  host.get('/', () => 'the host');
  void host.register((scope, _options, done) => {
    // Its bodies are not read here.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
    scope.all('/kedro/*', async (request, reply) => {
      reply.hijack();
      await listener(request.raw, reply.raw);
    });
    done();
  });
  return host;
}
