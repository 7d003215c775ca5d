import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { RunRecord } from '../../src/run/run-record.ts';
import type { RunStore } from '../../src/run/run-store.ts';
import { createRuns } from '../../src/run/runs.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';
import { createMemoryDisk } from './crashing-store.ts';
import { createSubmission } from './submission.ts';

const hourMs = 60 * 60 * 1000;
const todayMs = Date.UTC(2026, 5, 1);

// Of all that tells the time only the clock that can be set: timers go on as they do.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: todayMs }));
afterEach(() => void vi.useRealTimers());

/** Runs some runs on a server of their own, and stops it. */
async function serveRuns(store: RunStore, count: number): Promise<readonly RunRecord[]> {
  const runs = createRuns({ executor: createMemoryExecutor(), store });
  const ended: RunRecord[] = [];
  for (let number = 0; number < count; number += 1) {
    const { record } = await runs.submit(createSubmission());
    ended.push((await runs.waitForEnd(record.id)) ?? record);
  }
  await runs.close();
  return ended;
}

describe('a clock that is set back', () => {
  test('between servers: no version and no id is given twice, and later runs have greater ones', async () => {
    const disk = createMemoryDisk();
    const all: RunRecord[] = [];
    for (const [atMs, count] of [
      [todayMs, 1],
      [todayMs - 24 * hourMs, 3],
      [todayMs - 48 * hourMs, 3],
      [todayMs - 48 * hourMs, 3],
    ] as const) {
      vi.setSystemTime(atMs);
      all.push(...(await serveRuns(await disk.open(), count)));
    }
    for (const name of ['saveVersion', 'id'] as const) {
      const given = all.map((run) => run[name]);
      expect(new Set(given).size).toBe(given.length);
      expect(given.toSorted()).toEqual(given);
    }
  });
});

describe('a clock that is set forward while a server runs', () => {
  test('makes no key expire and removes no run', async () => {
    const pruned: number[] = [];
    const memory = await createMemoryDisk().open();
    const store: RunStore = {
      ...memory,
      prune: (limits) => {
        pruned.push(limits.endedBeforeMs ?? Infinity);
        return memory.prune(limits);
      },
    };
    const runs = createRuns({ executor: createMemoryExecutor(), store });
    const key = { key: 'mine', fingerprint: 'same' };
    const { record } = await runs.submit(createSubmission(), { key });
    vi.setSystemTime(todayMs + 365 * 24 * hourMs);
    const again = await runs.submit(createSubmission(), { key });
    expect(again).toMatchObject({ isReplay: true, record: { id: record.id } });
    await runs.submit(createSubmission());
    expect(pruned.length).toBeGreaterThan(0);
    expect(pruned.every((atMs) => atMs < todayMs)).toBe(true);
    await runs.close();
  });

  test('and a run takes as long as it takes', async () => {
    const gate = Promise.withResolvers<void>();
    const executor = createMemoryExecutor({ run: () => ({ mayEnd: gate.promise }) });
    const runs = createRuns({ executor, timeoutMs: hourMs });
    const { record } = await runs.submit(createSubmission());
    vi.setSystemTime(todayMs + 48 * hourMs);
    gate.resolve();
    expect(await runs.waitForEnd(record.id)).toMatchObject({
      status: 'succeeded',
      durationMs: 12.345,
    });
    expect(runs.retryAfterS()).toBe(1);
    await runs.close();
  });
});
