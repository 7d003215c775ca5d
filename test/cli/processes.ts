import { readFile } from 'node:fs/promises';
import { vi } from 'vitest';

/** Waits until the process is gone; one that has ended and that nobody waits for is gone too. */
export async function processGone(pid: number): Promise<void> {
  await vi.waitUntil(async () => !(await isRunning(pid)), { timeout: 5000, interval: 10 });
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return status === null ? process.platform !== 'linux' : !/\) [ZX] /.test(status);
}
