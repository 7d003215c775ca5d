import { vi } from 'vitest';

/** Waits until `check` throws no more, also on a busy machine, and gives what it returned. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
