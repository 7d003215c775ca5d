import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import type { HttpServer } from 'kedro-server';

/** An Express app that has a Kedro server below `/kedro`, beside its own routes. */
export function createExpressHost(kedro: HttpServer) {
  const { fetch } = new Hono().route('/kedro', kedro);
  const host = express();
  // `all` leaves the path whole, where `use` takes the prefix away. Before what reads bodies.
  host.all('/kedro/{*path}', getRequestListener(fetch));
  host.use(express.json());
  host.get('/', (_request, response) => {
    response.send('the host');
  });
  return host;
}
