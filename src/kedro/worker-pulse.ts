import { readFileSync } from 'node:fs';
import type { Worker } from './worker.ts';

interface Sample {
  readonly ticks: number;
  readonly atMs: number;
}

const samples = new WeakMap<Worker, Sample>();

/** A call that blocks while it holds Python's lock looks like a deadlock; it gets this many timeouts. */
const patience = 6;

/**
 * Tells whether `worker` is to be given up. A stopped process is, once nothing was heard from it for
 * `timeoutMs`. One that is silent because a node holds Python's lock is not, as long as it uses the
 * processor, or has not been without for six times as long.
 */
export function isHung(worker: Worker, timeoutMs: number): boolean {
  const nowMs = performance.now();
  if (worker.pid === null || nowMs - worker.heardAt < timeoutMs) {
    samples.delete(worker);
    return false;
  }
  const stat = readStat(worker.pid);
  if (stat?.state === 'T') return true;
  const ticks = stat?.ticks ?? 0;
  const before = samples.get(worker);
  if (before === undefined || before.ticks !== ticks) {
    samples.set(worker, { ticks, atMs: nowMs });
    return false;
  }
  return nowMs - before.atMs >= timeoutMs * (patience - 1);
}

/** State, and user plus system time in clock ticks: fields 3, 14 and 15 of proc(5)'s stat. */
function readStat(pid: number): { state: string | undefined; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}
