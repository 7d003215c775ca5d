import { onTestFinished } from 'vitest';

import { type Fate, startFaultProxy } from '../fault-proxy.ts';

export type { Fate } from '../fault-proxy.ts';

export interface CuttingProxy {
  readonly url: string;
  /** Connections so far. */
  readonly connections: number;
  /** Cuts all that there are. */
  cut(): void;
}

/**
 * Passes bytes on to a server, or the one that `target` gives for a new connection, until the test
 * is over; `fateOf` decides about each connection, counted from 0.
 */
export async function startCuttingProxy(
  target: string | (() => string),
  fateOf: (connection: number) => Fate,
): Promise<CuttingProxy> {
  const proxy = await startFaultProxy(target, { fateOf });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return {
    cut: proxy.cut,
    url: `http://127.0.0.1:${proxy.port}`,
    get connections() {
      return proxy.connections;
    },
  };
}
