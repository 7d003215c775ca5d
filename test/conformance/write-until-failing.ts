import { writeSync } from 'node:fs';
import type { RunStore } from '../../src/run/run-store.ts';
import { createEntry, createRecord } from './run-records.ts';

/**
 * For a process of its own, which tests kill or take the room of: writes runs into the store, until
 * that fails; then it says why.
 */
export async function writeUntilFailing(store: RunStore): Promise<void> {
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
}
