import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text } from 'node:stream/consumers';

const probeMs = 60_000;

/**
 * A `fetch` for requests of text whose answers, also of text, may take hours: Node's own gives up
 * after five minutes. It follows no redirect.
 */
export async function patientFetch(input: string, init: RequestInit): Promise<Response> {
  const { method = 'GET', body, signal } = init;
  if (typeof body !== 'string') throw new TypeError('The body has to be text.');
  const headers = Object.fromEntries(new Headers(init.headers));
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const request = input.startsWith('https:') ? requestSecure : requestPlain;
  // A connection of its own, which lives as long as what it waits for.
  const sent = request(input, { method, headers, agent: false, ...(signal && { signal }) });
  sent.on('error', reject);
  sent.on('socket', (socket) => socket.setKeepAlive(true, probeMs));
  sent.on('response', (response) => {
    const answer = { status: response.statusCode ?? 0 };
    text(response).then((told) => resolve(new Response(told, answer)), reject);
  });
  sent.end(body);
  return promise;
}
