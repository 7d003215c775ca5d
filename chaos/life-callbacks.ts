import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface LifeCallbacks extends AsyncDisposable {
  readonly url: string;
  /** States that were told of each run, by the last part of the path. */
  readonly told: ReadonlyMap<string, readonly string[]>;
}

/** Starts a server that takes callbacks. */
export async function receiveCallbacks(): Promise<LifeCallbacks> {
  const told = new Map<string, readonly string[]>();
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => {
        const { data } = JSON.parse(body) as { readonly data: { readonly status: string } };
        const tenant = request.url?.slice(1) ?? '';
        told.set(tenant, [...(told.get(tenant) ?? []), data.status]);
        response.writeHead(204).end();
      },
      // The connection was lost on the way: it comes again.
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
