import path from 'node:path';

import { createRedisRunStore } from '../../src/queue/redis-run-store.ts';
import { redisUrl } from '../redis.ts';
import { writeUntilFailing } from './write-until-failing.ts';

/** The store is named after the folder that it is given. */
const [folder = ''] = process.argv.slice(2);
await writeUntilFailing(
  createRedisRunStore({ connection: redisUrl, prefix: path.basename(folder) }),
);
