import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createSaveVersions } from '../../src/run/save-versions.ts';

test('a version is the time in UTC, as Kedro writes versions', () => {
  expect(createSaveVersions(() => Date.UTC(2026, 0, 2, 3, 4, 5, 6)).next()).toBe(
    '2026-01-02T03.04.05.006Z',
  );
});

test('versions grow whatever the clock does', () => {
  const times = fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(times, (clock) => {
      const remaining = clock.values();
      const { next } = createSaveVersions(() => remaining.next().value ?? 0);
      const ids = clock.map(() => next());
      expect(ids).toEqual(ids.toSorted());
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('the clock is followed again when it moves on', () => {
  const clock = [1000, 1000, 999, 5000].values();
  const { next } = createSaveVersions(() => clock.next().value ?? 0);
  expect([next(), next(), next(), next()].map((id) => id.slice(17))).toEqual([
    '01.000Z',
    '01.001Z',
    '01.002Z',
    '05.000Z',
  ]);
});

test('the clock is the real one unless told otherwise', () => {
  const before = Date.now();
  const id = createSaveVersions().next();
  const time = Date.parse(id.replaceAll(/(?<=T.*)\.(?=\d\d\.)/g, ':'));
  expect(time).toBeGreaterThanOrEqual(before);
});

test('a version is greater than those of an earlier process', () => {
  const versions = createSaveVersions(() => 1000);
  versions.startAfter('2026-01-02T03.04.05.006Z');
  versions.startAfter('2025-01-02T03.04.05.006Z');
  expect(versions.next()).toBe('2026-01-02T03.04.05.007Z');
});
