import { randomUUID } from 'node:crypto';
import type { QueueLink } from './queue-link.ts';
import { repeatedly, type Repetition } from './repeatedly.ts';
import { workOnRun } from './work-on-run.ts';

/** Finds what fell between the store and the queue. Every server and worker has one. */
export interface Reconciler {
  start(): void;
  stop(): Promise<void>;
}

const turnsAtOnce = 100;
const turnHoldMs = 5000;
const turnsEveryMs = 1000;
const missingEveryMs = 5000;
const abandonedAtOnce = 100;
const missingAtOnce = 1000;

/** `name` is what it is called where it claims runs. */
export function createReconciler(
  { store, jobs, settings, onError }: QueueLink,
  name: string,
): Reconciler {
  const repetitions: Repetition[] = [];
  const givenUp = new AbortController();
  let unwatch: () => void = () => undefined;
  /** Since when the store has answered each time; null: it has not. */
  let answersSinceMs: number | null = null;

  /** Queues what was accepted and is in no queue: its turn has come, or its server died. */
  async function queueTurns(): Promise<void> {
    const runs = await store.takeTurns({ limit: turnsAtOnce, holdMs: turnHoldMs });
    if (runs.length === 0) return;
    await jobs.add(runs);
    await store.markQueued(runs.map(({ id }) => id));
    turns?.soon();
  }

  /** Queues again what waits for a worker, when fewer jobs than that do. */
  async function queueMissing(): Promise<void> {
    const { count } = await store.ready(0);
    if (count === 0) return;
    const { waiting, delayed } = await jobs.counts();
    if (waiting + delayed >= count) return;
    const { runs } = await store.ready(missingAtOnce);
    await jobs.add(runs);
  }

  /** Ends what its worker has left, unless it is to be begun again: its job then comes to another. */
  async function settleAbandoned(): Promise<void> {
    const nowMs = performance.now();
    let found;
    try {
      found = await store.abandoned(abandonedAtOnce);
    } catch (error) {
      answersSinceMs = null;
      throw error;
    }
    answersSinceMs ??= nowMs;
    // While the store was away, nobody could tell that he is alive.
    if (nowMs - answersSinceMs < settings.leaseMs) return;
    for (const { runId } of found) await settle(runId);
  }

  async function settle(runId: string): Promise<void> {
    const record = await store.get(runId);
    if (record === null) return;
    if (record.status === 'queued' || record.submission.onWorkerLost === 'retry') {
      // Where its job is stalled, this does nothing.
      return jobs.add([record]);
    }
    const claimer = { worker: name, token: randomUUID(), leaseMs: settings.leaseMs };
    const claim = await store.claim(runId, claimer);
    if (claim.kind !== 'claimed') return;
    const { leaseMs, renewEveryMs } = settings;
    const work = { store, leaseMs, renewEveryMs, onError, givenUp: givenUp.signal };
    await workOnRun(claim, work, null, false);
    await jobs.remove(runId);
  }

  let turns: Repetition | undefined;
  return {
    start: () => {
      turns = repeatedly(turnsEveryMs, queueTurns, onError);
      unwatch = store.watchTurns(() => turns?.soon());
      repetitions.push(
        turns,
        repeatedly(missingEveryMs, queueMissing, onError),
        repeatedly(settings.stalledIntervalMs, settleAbandoned, onError),
      );
    },
    stop: async () => {
      unwatch();
      givenUp.abort();
      await Promise.all(repetitions.map((each) => each.stop()));
    },
  };
}
