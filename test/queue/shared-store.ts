import { onTestFinished } from 'vitest';

import { createRunRecord } from '../../src/run/create-run-record.ts';
import type { RunRecord, RunSubmission } from '../../src/run/run-record.ts';
import { createRedisRunStore, type RedisRunStoreOptions } from '../../src/queue/redis-run-store.ts';
import type { AcceptLimits, Claimer, SharedRunStore } from '../../src/queue/shared-run-store.ts';
import { createRedisPrefix, redisUrl, removeRedisPrefix } from '../redis.ts';
import { createSubmission } from '../run/submission.ts';

export const noLimits: AcceptLimits = { maxQueued: 1000, maxOpen: Infinity, retryAfterS: 1 };

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

let versions = 0;

export function createQueued(wanted: Partial<RunSubmission> = {}): RunRecord {
  versions += 1;
  return createRunRecord(createSubmission(wanted), `version ${versions}`);
}

export function createClaimer(token: string, wanted: Partial<Claimer> = {}): Claimer {
  return { worker: `worker of ${token}`, token, leaseMs: 30_000, ...wanted };
}
