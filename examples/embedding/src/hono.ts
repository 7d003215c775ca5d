import { Hono } from 'hono';
import type { HttpServer } from 'kedro-server';

/** A Hono app that has a Kedro server below `/kedro`, beside its own routes. */
export function createHonoHost(kedro: HttpServer) {
  return new Hono().get('/', (context) => context.text('the host')).route('/kedro', kedro);
}
