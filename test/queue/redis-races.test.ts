import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';

import { queryOf } from '../conformance/run-records.ts';
import { createRedisPrefix } from '../redis.ts';
import { openSharedStores } from './shared-store.ts';

interface Told {
  readonly name: string;
  readonly accepted: readonly string[];
  readonly claimed: readonly string[];
  readonly written: readonly string[];
  readonly stopped: readonly string[];
  readonly versions: readonly string[];
}

const program = fileURLToPath(new URL('shared-store-process.ts', import.meta.url));
const names = ['a', 'b', 'c'];
const rounds = 100;

test.skipIf(inject('redisMissing') !== null)(
  'of several processes that do the same at once, one wins each time',
  async () => {
    const prefix = createRedisPrefix();
    const [store] = await openSharedStores({ prefix });
    const told = await Promise.all(
      names.map(async (name): Promise<Told> => {
        const args = [program, prefix, name, `${names.length}`, `${rounds}`];
        const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
        return JSON.parse(stdout) as Told;
      }),
    );
    const all = (what: Exclude<keyof Told, 'name'>) => told.flatMap((each) => each[what]);
    const runs = await store.list(queryOf());
    expect(all('accepted').toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
    expect(runs).toHaveLength(rounds);
    expect(new Set(all('versions')).size).toBe(rounds * names.length);
    // More than once only where a lease was over, and then one alone could write.
    expect(all('claimed').length).toBeGreaterThan(rounds / 2);
    expect([...all('written'), ...all('stopped')].toSorted()).toEqual(
      runs.map(({ id }) => id).toSorted(),
    );
    for (const { id, status, nodesRunning } of runs) {
      const writer = told.find(({ written }) => written.includes(id));
      expect([status, nodesRunning]).toEqual(
        writer === undefined ? ['cancelled', []] : ['failed', [writer.name]],
      );
    }
    expect(await store.unfinished()).toEqual([]);
    expect(await store.abandoned(9)).toEqual([]);
  },
);
