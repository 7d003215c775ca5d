import { Redis, type RedisOptions } from 'ioredis';

/** A URL (`redis://`, `rediss://`, with user, password and database), or what ioredis takes. */
export type RedisConnection = string | RedisOptions;

const longestRetryMs = 1000;

/**
 * Creates a client that is not connected yet. It connects again for ever, queues nothing while it
 * is not connected, sends nothing twice, and gives up a connection that has not answered for
 * `timeoutMs`.
 */
export function createRedisClient(connection: RedisConnection, timeoutMs: number): Redis {
  const ours: RedisOptions & { replyMapping: 'legacy' } = {
    replyMapping: 'legacy',
    lazyConnect: true,
    connectTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    // Commands whose connection is lost are rejected then, not when there is another one.
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 50, longestRetryMs),
    // A server that has become a replica: its place is taken by another.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
  return typeof connection === 'string'
    ? new Redis(connection, ours)
    : new Redis({ ...connection, ...ours });
}

/** What errors call it: without user and password. */
export function describeRedis({ options }: Redis, prefix: string): string {
  const { host, port, path, db = 0, tls, sentinels, name } = options;
  const scheme = tls === undefined ? 'redis' : 'rediss';
  const hasSentinels = sentinels !== undefined && sentinels !== null && sentinels.length > 0;
  const where = hasSentinels ? `sentinel ${name ?? ''}` : (path ?? `${scheme}://${host}:${port}`);
  return `${where}/${db} ${prefix}`;
}
