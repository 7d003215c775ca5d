import type { Executor } from '../executor/executor.ts';
import { defaultMaxRunOutputBytes, LiveRun, stoppedBy, type StopWish } from '../run/live-run.ts';
import { RunJournal } from '../run/run-journal.ts';
import {
  cancelled,
  createRunLife,
  type RunLife,
  type RunObserver,
  warning,
} from '../run/run-life.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { RunTracer } from '../run/run-trace.ts';
import { ClaimedRun } from './claimed-run.ts';
import type { ClaimOutcome, SharedRunStore } from './shared-run-store.ts';

export interface RunWork {
  readonly store: SharedRunStore;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** UTF-8 bytes of JSON that all outputs of a run may take together; default: 64 MiB. */
  readonly maxRunOutputBytes?: number | undefined;
  readonly tracer?: RunTracer | undefined;
  readonly onEvent?: RunObserver | undefined;
  readonly onError: (error: unknown) => void;
  /** Aborted when what the store does not take is to be given up. */
  readonly givenUp: AbortSignal;
}

export type Claim = Extract<ClaimOutcome, { kind: 'claimed' }>;

const defaultMaxCrashes = 3;

/** How many attempts at a run may be lost before it is not begun again. */
function crashesForgiven({ onWorkerLost, maxCrashes }: RunRecord['submission']): number {
  return onWorkerLost === 'retry' ? (maxCrashes ?? defaultMaxCrashes) : 0;
}

/** Stands for an executor where runs are only ended. */
const idle: Pick<Executor, 'open' | 'execute'> = {
  open: () => Promise.reject(new Error('Nothing is executed here.')),
  execute: () => {
    throw new Error('Nothing is executed here.');
  },
};

/**
 * Brings a claimed run to its end: executes it, or ends it where it is not to be begun (again).
 * Resolves when its end is written, or when somebody else has claimed it. Without an executor, what
 * may begin is given back. `isForNobody` tells that its caller is gone.
 */
export async function workOnRun(
  { fence, record, stopWish }: Claim,
  work: RunWork,
  executor: Pick<Executor, 'open' | 'execute'> | null,
  isForNobody: boolean,
): Promise<void> {
  const { store, leaseMs, renewEveryMs, onError, givenUp, onEvent, tracer } = work;
  const mayBegin = record.status === 'queued' || crashesForgiven(record.submission) > 0;
  if (executor === null && mayBegin && stopWish === null) return store.release(fence);
  const run = new LiveRun(record, work.maxRunOutputBytes ?? defaultMaxRunOutputBytes);
  // From here on it happens whether or not its caller is there.
  run.leaveAlone();
  using claim = new ClaimedRun(fence, {
    store,
    leaseMs,
    renewEveryMs,
    onWish: (wish) => life.stop(run, wish),
    onLost: () => run.abort.abort('Another worker has taken the run.'),
    onError,
    endsWithLease: crashesForgiven(record.submission) > 0,
    givenUp,
  });
  const journal = new RunJournal(claim, () => undefined, onError);
  const life = createRunLife(journal, { executor: executor ?? idle, onEvent, tracer });
  claim.hold();
  try {
    const begins =
      stopWish === null
        ? await judge(work, life, run, record, isForNobody)
        : endAsWished(life, run, stopWish);
    if (begins && !claim.isLost) await life.execute(run);
    await journal.write();
  } finally {
    journal.close();
  }
}

/** Whether the run may begin; ends it otherwise. */
async function judge(
  { store }: RunWork,
  life: RunLife,
  run: LiveRun,
  { status, submission }: RunRecord,
  isForNobody: boolean,
): Promise<boolean> {
  if (status === 'queued') {
    if (!isForNobody) return true;
    const message = 'The server ended before this run had begun, and its caller with it.';
    life.finish(run, 'cancelled', cancelled(message));
    return false;
  }
  const forgiven = crashesForgiven(submission);
  const begun = forgiven === 0 ? [] : await store.entries(run.id, 0, forgiven + 1, 'run.started');
  if (forgiven > 0 && begun.length <= forgiven) {
    const message = `The worker that ran it was lost; the run begins again, ${begun.length} of ${forgiven} times that it may.`;
    life.note(run, run.append(warning(message)));
    return true;
  }
  const times = forgiven === 0 ? '' : ` It had been begun ${begun.length} times.`;
  const message = `The worker that ran it was lost; what of its work was done by then is not known.${times}`;
  life.finish(run, 'lost', { type: 'RunLost', message, node: null });
  return false;
}

function endAsWished(life: RunLife, run: LiveRun, wish: StopWish): false {
  life.stop(run, wish);
  life.finish(run, wish.kind, stoppedBy(wish));
  return false;
}
