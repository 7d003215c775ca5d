import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

import { storeUnusable } from '../run/store-unusable.ts';
import { createRedisClient, describeRedis, type RedisConnection } from './redis-connection.ts';

/** A script that Redis runs in one step. Its only key is the prefix of all keys. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

export type RedisArgument = string | number;

export function defineScript(lua: string): RedisScript {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/**
 * A connection to Redis whose every call ends within a time limit: it rejects with
 * `KedroServerError` (`store-unusable`) when Redis is away. It is made again whenever it is lost.
 */
export class RedisLink {
  readonly client: Redis;
  readonly place: string;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  #isOpen = false;
  #isClosed = false;
  #ready = Promise.withResolvers<void>();
  /** Since when it is not there; null while it is. */
  #lostAtMs: number | null = performance.now();
  /** Why the connection cannot be made; null while it is there. */
  #lastError: Error | null = null;

  /** All keys begin with `prefix`. */
  constructor(connection: RedisConnection, prefix: string, timeoutMs: number) {
    const client = createRedisClient(connection, timeoutMs);
    this.client = client;
    this.place = describeRedis(client, prefix);
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
    client.on('ready', () => {
      this.#lostAtMs = null;
      this.#lastError = null;
      this.#ready.resolve();
    });
    client.on('close', () => {
      if (this.#lostAtMs !== null) return;
      this.#lostAtMs = performance.now();
      this.#ready = Promise.withResolvers();
    });
    client.on('error', (error: Error) => {
      this.#lastError = error;
    });
  }

  /** Rejects when the connection cannot be made; it goes on being tried, and may be asked again. */
  async open(): Promise<void> {
    if (this.#isClosed) throw this.#unusable('it has been closed');
    // Its end is told by the events.
    if (this.client.status === 'wait') this.client.connect().catch(() => undefined);
    if (this.#isOpen) return this.ping();
    if (this.#lostAtMs !== null) this.#lostAtMs = performance.now();
    this.#isOpen = true;
    try {
      await this.ping();
    } catch (error) {
      this.#isOpen = false;
      throw error;
    }
  }

  async ping(): Promise<void> {
    await this.call((client) => client.ping());
  }

  async call<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw this.#unusable('it has been closed');
    if (!this.#isOpen) throw this.#unusable('it has not been opened');
    const late = Promise.withResolvers<never>();
    const giveUp = new AbortController();
    const timer = setTimeout(() => {
      giveUp.abort();
      late.reject(this.#lastError ?? new Error(`it has not answered within ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    try {
      return await Promise.race([this.#work(work, giveUp.signal), late.promise]);
    } catch (error) {
      throw this.#isClosed ? this.#unusable('it has been closed', error) : this.#toError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a script; its arguments may be many. */
  async script({ lua, sha }: RedisScript, args: readonly RedisArgument[]): Promise<unknown> {
    return this.call(async (client) => {
      try {
        return await client.call('evalsha', [sha, 1, this.#prefix, ...args]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.call('eval', [lua, 1, this.#prefix, ...args]);
      }
    });
  }

  /** Sends commands together; gives their replies. */
  async pipeline(commands: readonly (readonly RedisArgument[])[]): Promise<readonly unknown[]> {
    if (commands.length === 0) return [];
    const replies = await this.call((client) =>
      client.pipeline(commands.map((command) => [...command])).exec(),
    );
    return (replies ?? []).map(([error, reply]) => {
      if (error !== null) throw this.#toError(error);
      return reply;
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.client.disconnect();
    this.#ready.resolve();
  }

  /** Does it as soon as there is a connection, unless its caller has given up by then. */
  async #work<T>(work: (client: Redis) => Promise<T>, givenUp: AbortSignal): Promise<T> {
    if (this.#lostAtMs !== null) {
      const isLong = performance.now() - this.#lostAtMs > this.#timeoutMs;
      if (isLong) throw this.#lastError ?? new Error('there is no connection');
      await this.#ready.promise;
      givenUp.throwIfAborted();
    }
    return work(this.client);
  }

  #toError(error: unknown): Error {
    const told = error instanceof Error ? error.message : String(error);
    return this.#unusable(told, error);
  }

  #unusable(reason: string, cause?: unknown): Error {
    return storeUnusable(this.place, reason, cause);
  }
}
