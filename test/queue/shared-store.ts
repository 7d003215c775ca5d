import { onTestFinished } from 'vitest';

import { createRedisRunStore, type RedisRunStoreOptions } from '../../src/queue/redis-run-store.ts';
import type { SharedRunStore } from '../../src/queue/shared-run-store.ts';
import { createRedisPrefix, redisUrl, removeRedisPrefix } from '../redis.ts';

/** Opens stores that share what they keep, each with connections of its own. */
export async function openSharedStores(
  options: Partial<RedisRunStoreOptions> = {},
): Promise<readonly [SharedRunStore, SharedRunStore, SharedRunStore, SharedRunStore]> {
  const prefix = options.prefix ?? createRedisPrefix();
  const create = (): SharedRunStore =>
    createRedisRunStore({ connection: redisUrl, prefix, ...options });
  const stores = [create(), create(), create(), create()] as const;
  onTestFinished(async () => {
    for (const store of stores) await store.close();
    await removeRedisPrefix(prefix);
  });
  for (const store of stores) await store.open();
  return stores;
}
