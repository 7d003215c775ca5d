import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { LookupFunction } from 'node:net';

import type { CallbackRequest, PostCallback } from '../run/callbacks.ts';
import { isPublicAddress } from '../run/public-address.ts';

export interface PostCallbackOptions {
  /** Whether names may lead to this machine and its networks; default: no. */
  readonly allowPrivate?: boolean | undefined;
  /** Gives all addresses of a name; default: the system's resolver. */
  readonly resolve?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined;
}

/**
 * Creates what posts callbacks by connections of their own. The address that is connected to is the
 * one that has been looked at: a name that leads elsewhere the next moment changes nothing.
 */
export function createPostCallback(options: PostCallbackOptions = {}): PostCallback {
  const { allowPrivate = false, resolve = resolveBySystem } = options;

  const lookup: LookupFunction = (host, { all }, tell) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        const closed = addresses.find(({ address }) => !allowPrivate && !isPublicAddress(address));
        if (first === undefined || closed !== undefined) tell(refused(host, closed), '');
        else if (all === true) tell(null, [...addresses]);
        else tell(null, first.address, first.family);
      },
      (error: unknown) => tell(error instanceof Error ? error : new Error(String(error)), ''),
    );
  };

  return ({ url, headers, body, signal }: CallbackRequest) => {
    const { promise, resolve: settle, reject } = Promise.withResolvers<number>();
    const request = new URL(url).protocol === 'https:' ? requestSecure : requestPlain;
    // No agent: a connection that is kept would skip the lookup.
    const sent = request(url, { method: 'POST', headers, signal, lookup, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      settle(response.statusCode ?? 0);
      response.on('error', () => undefined);
      response.destroy();
    });
    sent.end(body);
    return promise;
  };
}

function refused(host: string, closed: LookupAddress | undefined): Error {
  return new Error(
    closed === undefined
      ? `The name '${host}' has no address.`
      : `The name '${host}' leads to ${closed.address}, which is not on the public internet, and the server does not allow others.`,
  );
}

async function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>();
  lookUp(host, { all: true }, (error, addresses) => {
    if (error === null) resolve(addresses);
    else reject(error);
  });
  return promise;
}
