import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createRunIds } from '../../src/run/run-id.ts';

test('an id is the time in UTC, as Kedro writes versions', () => {
  expect(createRunIds(() => Date.UTC(2026, 0, 2, 3, 4, 5, 6))()).toBe('2026-01-02T03.04.05.006Z');
});

test('ids grow whatever the clock does', () => {
  const times = fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(times, (clock) => {
      const remaining = clock.values();
      const next = createRunIds(() => remaining.next().value ?? 0);
      const ids = clock.map(() => next());
      expect(ids).toEqual(ids.toSorted());
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('the clock is followed again when it moves on', () => {
  const clock = [1000, 1000, 999, 5000].values();
  const next = createRunIds(() => clock.next().value ?? 0);
  expect([next(), next(), next(), next()].map((id) => id.slice(17))).toEqual([
    '01.000Z',
    '01.001Z',
    '01.002Z',
    '05.000Z',
  ]);
});

test('the clock is the real one unless told otherwise', () => {
  const before = Date.now();
  const id = createRunIds()();
  const time = Date.parse(id.replaceAll(/(?<=T.*)\.(?=\d\d\.)/g, ':'));
  expect(time).toBeGreaterThanOrEqual(before);
});
