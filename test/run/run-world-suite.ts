import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type RunWish, RunWorld, type World } from './run-world.ts';

const seed = Number(process.env['RUNS_SEED'] ?? 20_261_125);

const wish = fc.oneof(
  fc.record({
    type: fc.constant('submit' as const),
    key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null }),
    isAttended: fc.boolean(),
    isLeft: fc.boolean(),
    isStubborn: fc.boolean(),
    priority: fc.constantFrom(0, 0, 0, 1),
    concurrency: fc.option(
      fc.record({
        key: fc.constantFrom('x', 'y'),
        limit: fc.constantFrom(1, 2),
        onConflict: fc.constantFrom('queue' as const, 'reject' as const, 'cancel_running' as const),
      }),
      { nil: null },
    ),
    uses: fc.oneof(
      fc.constant([]),
      fc.array(
        fc.tuple(fc.constantFrom('a', 'a/b', 'c'), fc.constantFrom('read', 'add', 'write')),
        { minLength: 1, maxLength: 2 },
      ),
    ),
  }),
  fc.record({ type: fc.constant('cancel' as const), run: fc.nat(20) }),
  fc.record({ type: fc.constant('tell' as const), run: fc.nat(3) }),
  fc.record({
    type: fc.constant('end' as const),
    run: fc.nat(3),
    status: fc.constantFrom('succeeded' as const, 'failed' as const, 'crashed' as const),
  }),
  fc.record({ type: fc.constant('follow' as const), run: fc.nat(20), batches: fc.nat(3) }),
  fc.constant({ type: 'resume' as const }),
  fc.constant({ type: 'pass' as const }),
  fc.constant({ type: 'crash' as const }),
  fc.constant({ type: 'stop' as const }),
) satisfies fc.Arbitrary<RunWish>;

export interface RunWorldSuite {
  /** Worlds that are made, one after the other. */
  readonly numRuns: number;
  /** Wishes of one world at most; default: 40. */
  readonly maxWishes?: number;
  create(): Promise<World>;
}

/** Drives random sequences of wishes, deaths and restarts against executors and stores. */
export function describeRunWorld(
  name: string,
  { numRuns, maxWishes = 40, create }: RunWorldSuite,
): void {
  test(`${name}: promises are kept, whatever is asked and whatever dies (seed ${seed})`, async () => {
    let ended = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 5, maxLength: maxWishes }), async (wishes) => {
        const world = new RunWorld(await create());
        try {
          for (const each of wishes) await world.grant(each);
          ended += await world.settle();
        } finally {
          await world.dispose();
        }
      }),
      { seed, numRuns },
    );
    expect(ended).toBeGreaterThan(numRuns / 2);
  }, 120_000);
}
