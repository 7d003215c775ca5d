import { afterAll, describe, inject } from 'vitest';

import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { createQueueExecutor, createQueueWorker } from '../../src/queue/index.ts';
import { createRedisPrefix, redisUrl, removeRedisPrefix } from '../redis.ts';
import { createConformingMemory } from './conforming-memory.ts';
import { describeExecutor } from './executor-suite.ts';

const queues: string[] = [];

describe.skipIf(inject('redisMissing') !== null)('a queue in Redis', () => {
  afterAll(async () => {
    for (const queue of queues) await removeRedisPrefix(queue);
  });

  describeExecutor('queue executor', {
    tellsClaims: false,
    create: async ({ workers, maxOutputBytes }) => {
      const { definition, access } = createConformingMemory();
      const queue = createRedisPrefix();
      queues.push(queue);
      const worker = createQueueWorker({
        connection: redisUrl,
        queue,
        executor: createNativeExecutor({
          project: definition,
          concurrency: workers,
          maxOutputBytes,
        }),
      });
      await worker.open();
      const executor = createQueueExecutor({
        connection: redisUrl,
        queue,
        concurrency: workers,
        snapshotMaxAgeMs: 0,
      });
      return {
        executor,
        ...access,
        dispose: async () => {
          await executor.close();
          await worker.close();
        },
      };
    },
  });
});
