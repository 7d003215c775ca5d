import { writeSync } from 'node:fs';
import path from 'node:path';

import { createRedisRunStore } from '../../src/queue/redis-run-store.ts';
import { redisUrl } from '../redis.ts';
import { createEntry, createRecord } from './run-records.ts';

/**
 * A process of its own, for tests that kill it or take its room: writes runs into the store of the
 * folder that it is given, until that fails; then it says why.
 */
const [folder = ''] = process.argv.slice(2);
const store = createRedisRunStore({ connection: redisUrl, prefix: path.basename(folder) });
await store.open();
writeSync(1, 'open\n');
try {
  for (;;) {
    const run = createRecord({ lastEventId: 12 });
    const ids = Array.from({ length: run.lastEventId }, (_, index) => index + 1);
    await store.write({
      runs: [run],
      keys: [],
      entries: ids.map((id) => ({ runId: run.id, entry: createEntry(id) })),
      outputs: [{ runId: run.id, name: 'o', json: JSON.stringify('x'.repeat(10_000)) }],
    });
    writeSync(1, `${run.id}\n`);
  }
} catch (error) {
  writeSync(1, `${String(error)}\n`);
}
