import { Redis } from 'ioredis';

/** A Redis that tests may write to, under prefixes of their own. */
export const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** A connection to it, for who ends it. */
export async function connectRedis(): Promise<Redis> {
  const client = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

let prefixes = 0;

/** A prefix that no other test has. */
export function createRedisPrefix(): string {
  prefixes += 1;
  return `test-${process.pid}-${Date.now().toString(36)}-${prefixes}`;
}

/** Removes all keys under a prefix. */
export async function removeRedisPrefix(prefix: string): Promise<void> {
  const client = await connectRedis();
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `{${prefix}}:*`, 'COUNT', 1000);
    cursor = next;
    if (keys.length > 0) await client.unlink(...keys);
  } while (cursor !== '0');
  client.disconnect();
}
