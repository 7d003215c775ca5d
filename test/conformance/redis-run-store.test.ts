import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, inject } from 'vitest';

import { createRedisRunStore } from '../../src/queue/redis-run-store.ts';
import { createRedisPrefix, redisUrl, removeRedisPrefix } from '../redis.ts';
import { describeDurableRunStore } from './durable-run-store-suite.ts';
import { describeRunStore } from './run-store-suite.ts';

const prefixes: string[] = [];
const createWith = (prefix: string) => {
  prefixes.push(prefix);
  return createRedisRunStore({ connection: redisUrl, prefix });
};
const dispose = async (): Promise<void> => {
  for (const prefix of prefixes.splice(0)) await removeRedisPrefix(prefix);
};

describe.skipIf(inject('redisMissing') !== null)('Redis', () => {
  afterAll(dispose);

  describeRunStore('runs in Redis', {
    stories: 20,
    create: async () => createWith(createRedisPrefix()),
    dispose,
  });

  describeDurableRunStore('runs in Redis', {
    createIn: (folder) => createWith(path.basename(folder)),
    isShared: true,
    program: fileURLToPath(new URL('redis-run-store-process.ts', import.meta.url)),
  });
});
