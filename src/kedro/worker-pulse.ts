import { readFileSync } from 'node:fs';
import type { NoticeListener } from './notice.ts';
import type { Worker } from './worker.ts';

interface Sample {
  readonly ticks: number;
  readonly atMs: number;
  /** The sign of life that was the last one then. */
  readonly heardAt: number;
}

const samples = new WeakMap<Worker, Sample>();

const pulseEveryMs = 1000;

/** A call that blocks while it holds Python's lock looks like a deadlock; it gets this many timeouts. */
const patience = 6;

/** Of one processor: a thread that only waits for Python's lock looks for it every five milliseconds. */
const idleShare = 0.02;

/** What `/proc` counts processor time in: USER_HZ, 100 on every Linux. */
const ticksPerMs = 0.1;

/** Ends those of `workers` that hang, until what it returns is called. */
export function watchPulse(
  workers: () => Iterable<Worker>,
  timeoutMs: number,
  onNotice: NoticeListener,
): () => void {
  const timer = setInterval(() => {
    for (const worker of workers()) {
      if (!worker.alive || !isHung(worker, timeoutMs)) continue;
      const silentMs = Math.round(performance.now() - worker.heardAt);
      const reason = `gave no sign of life for ${silentMs} ms and was ended`;
      onNotice({
        level: 'error',
        event: 'worker-hung',
        message: `Worker ${worker.number} ${reason}.`,
        details: { pid: worker.pid },
      });
      worker.giveUp(reason);
    }
  }, pulseEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Tells whether `worker` is to be given up. A stopped process is, once nothing was heard from it for
 * `timeoutMs`. One that is silent because a node holds Python's lock is not, as long as it uses the
 * processor; it is ended when it has been idle for six times as long.
 */
function isHung(worker: Worker, timeoutMs: number): boolean {
  const nowMs = performance.now();
  if (worker.pid === null || nowMs - worker.heardAt < timeoutMs) {
    return false;
  }
  const stat = readStat(worker.pid);
  if (stat?.state === 'T') return true;
  const ticks = stat?.ticks ?? 0;
  const { heardAt } = worker;
  const sample = samples.get(worker);
  const before = sample?.heardAt === heardAt ? sample : undefined;
  const windowMs = nowMs - (before?.atMs ?? nowMs);
  if (before !== undefined && windowMs < timeoutMs * (patience - 1)) return false;
  samples.set(worker, { ticks, atMs: nowMs, heardAt });
  return before !== undefined && ticks - before.ticks <= windowMs * ticksPerMs * idleShare;
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
