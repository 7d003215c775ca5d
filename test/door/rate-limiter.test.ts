import { expect, test } from 'vitest';
import { createRateLimiter } from '../../src/door/rate-limiter.ts';

test('a minute’s worth may come at once, and then as many as the rate gives', () => {
  let nowMs = 0;
  const limiter = createRateLimiter(() => nowMs);
  const take = (caller = 'a'): number => limiter.take(caller, 6);
  expect(Array.from({ length: 8 }, () => take())).toEqual([0, 0, 0, 0, 0, 0, 10, 10]);
  expect(take('b')).toBe(0);
  nowMs += 9500;
  expect(take()).toBe(1);
  nowMs += 500;
  expect([take(), take()]).toEqual([0, 10]);
  nowMs += 3_600_000;
  expect(Array.from({ length: 7 }, () => take())).toEqual([0, 0, 0, 0, 0, 0, 10]);
});

test('waiting as long as it says is enough', () => {
  let nowMs = 0;
  const limiter = createRateLimiter(() => nowMs);
  for (let at = 0; at < 1000; at += 1) {
    const waitS = limiter.take('a', 7);
    nowMs += waitS * 1000;
    if (waitS > 0) expect(limiter.take('a', 7)).toBe(0);
  }
});

test('many callers, of whom those that were away are forgotten, keep their rates', () => {
  let nowMs = 0;
  const limiter = createRateLimiter(() => nowMs);
  for (let at = 0; at < 30_000; at += 1) {
    expect(limiter.take(`caller ${at}`, 1)).toBe(0);
    nowMs += 5;
  }
  expect(limiter.take('caller 29999', 1)).toBe(60);
  expect(limiter.take('caller 25000', 1)).toBeGreaterThan(0);
  expect(limiter.take('caller 0', 1)).toBe(0);
});
