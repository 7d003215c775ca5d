import { executorClosed } from '../executor/executor-closed.ts';
import type { NoticeListener } from './notice.ts';
import type { Supervisor } from './supervisor.ts';
import type { Worker } from './worker.ts';

export interface PoolLimits {
  /** Runs at once. */
  readonly size: number;
  /** Warm workers beyond `size`, which take the next run when one is lost. */
  readonly spares: number;
  /** A worker is replaced after so many runs. */
  readonly maxRuns: number;
  /** A worker that holds more resident bytes after a run is replaced. */
  readonly maxResidentBytes: number;
}

/** Hands workers out, first come first served, and keeps as many as there should be. */
export interface WorkerPool {
  /** Takes the workers of `supervisor` from now on; those of the one before end with their run. */
  adopt(supervisor: Supervisor): void;
  /** Resolves with an idle worker; rejects with the signal's reason when that comes first. */
  acquire(signal?: AbortSignal): Promise<Worker>;
  /** Gives a worker back. It is replaced when `worn`, or by the limits. */
  release(worker: Worker, worn: boolean): void;
  /** Worker processes by what they do; `lost` counts those that ended by themselves. */
  readonly idle: number;
  readonly starting: number;
  readonly lost: number;
  readonly busy: number;
  readonly waiting: number;
  /** Ends the idle workers and starts no more; those that wait are told `executor-closed`. */
  close(): void;
}

type State = 'starting' | 'idle' | 'busy';

interface Member {
  readonly worker: Worker;
  readonly supervisor: Supervisor;
  state: State;
  retiring: boolean;
}

interface Waiter {
  resolve(worker: Worker): void;
  reject(reason: unknown): void;
}

const backoffMs = { first: 100, most: 10_000 };

/** Creates a pool that is empty until it has adopted a supervisor. */
export function createWorkerPool(limits: PoolLimits, onNotice: NoticeListener): WorkerPool {
  const members = new Map<Worker, Member>();
  const waiters = new Set<Waiter>();
  let supervisor: Supervisor | null = null;
  let closed = false;
  let failures = 0;
  let lost = 0;
  let refillTimer: NodeJS.Timeout | undefined;

  const count = (test: (member: Member) => boolean): number => {
    let found = 0;
    for (const member of members.values()) if (test(member)) found += 1;
    return found;
  };
  const busy = (): number => count((member) => member.state === 'busy');

  /** The one that has run most: it has its session and its imports. */
  const findIdle = (): Member | undefined => {
    let best: Member | undefined;
    for (const member of members.values()) {
      if (member.state !== 'idle' || member.retiring) continue;
      if (best === undefined || member.worker.runs > best.worker.runs) best = member;
    }
    return best;
  };

  const dispatch = (): void => {
    for (const waiter of waiters) {
      if (busy() >= limits.size) return;
      const best = findIdle();
      if (best === undefined) return;
      best.state = 'busy';
      waiters.delete(waiter);
      waiter.resolve(best.worker);
    }
  };

  const retire = (member: Member): void => {
    member.retiring = true;
    if (member.state !== 'busy') member.worker.retire();
  };

  const refill = (): void => {
    if (closed || supervisor === null) return;
    const current = supervisor;
    let missing =
      limits.size +
      limits.spares -
      count((member) => member.supervisor === current && !member.retiring);
    while (missing > 0) {
      missing -= 1;
      hire(current);
    }
  };

  const refillSoon = (): void => {
    if (failures === 0) return refill();
    const delayMs = Math.min(backoffMs.most, backoffMs.first * 2 ** (failures - 1));
    clearTimeout(refillTimer);
    refillTimer = setTimeout(refill, delayMs);
  };

  const hire = (from: Supervisor): void => {
    const worker = from.startWorker();
    const member: Member = { worker, supervisor: from, state: 'starting', retiring: false };
    members.set(worker, member);
    worker.ready.then(
      () => {
        if (!members.has(worker)) return;
        failures = 0;
        member.state = 'idle';
        if (member.retiring || closed) worker.retire();
        else dispatch();
      },
      (reason: unknown) => {
        if (closed || member.retiring || from !== supervisor) return;
        failures += 1;
        onNotice({
          level: 'error',
          event: 'worker-not-ready',
          message: `A worker could not start: ${reason instanceof Error ? reason.message : String(reason)}`,
        });
      },
    );
    void worker.ended.then((end) => {
      members.delete(worker);
      if (member.state !== 'starting' && !member.retiring && !closed) {
        lost += 1;
        onNotice({
          level: 'warn',
          event: 'worker-ended',
          message: `Worker ${worker.number} ended by itself and is replaced.`,
          details: { pid: worker.pid, code: end.code, peakBytes: end.peakBytes },
        });
      }
      refillSoon();
      dispatch();
    });
  };

  return {
    adopt(next) {
      supervisor = next;
      failures = 0;
      // What has ended starts no workers; who waits has the next one's.
      void next.ended.then(() => {
        if (supervisor === next) supervisor = null;
      });
      for (const member of members.values()) if (member.supervisor !== next) retire(member);
      refill();
    },
    async acquire(signal) {
      signal?.throwIfAborted();
      if (closed) throw executorClosed();
      const { promise, resolve, reject } = Promise.withResolvers<Worker>();
      const waiter: Waiter = { resolve, reject };
      const abandon = (): void => {
        waiters.delete(waiter);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abandon, { once: true });
      waiters.add(waiter);
      dispatch();
      try {
        return await promise;
      } finally {
        signal?.removeEventListener('abort', abandon);
      }
    },
    release(worker, worn) {
      const member = members.get(worker);
      if (member !== undefined && worker.alive) {
        member.state = 'idle';
        const spent =
          worn ||
          closed ||
          member.retiring ||
          worker.runs >= limits.maxRuns ||
          worker.residentBytes > limits.maxResidentBytes;
        if (spent) retire(member);
      }
      refill();
      dispatch();
    },
    get idle() {
      return count(({ state }) => state === 'idle');
    },
    get starting() {
      return count(({ state }) => state === 'starting');
    },
    get lost() {
      return lost;
    },
    get busy() {
      return busy();
    },
    get waiting() {
      return waiters.size;
    },
    close() {
      closed = true;
      clearTimeout(refillTimer);
      for (const waiter of waiters) waiter.reject(executorClosed());
      waiters.clear();
      for (const member of members.values()) retire(member);
    },
  };
}
