import { Queue } from 'bullmq';
import type { RunRecord } from '../run/run-record.ts';
import type { RedisLink } from './redis-link.ts';

/**
 * What the queue carries of a run: where to look it up. What it is asked for and what it brings stay
 * in its record.
 */
export interface RunJob {
  /** Of this form. */
  readonly version: 1;
  readonly runId: string;
  /** W3C trace context that the run was submitted in. */
  readonly traceparent: string | null;
}

export interface JobCounts {
  /** Jobs that a worker may take now. */
  readonly waiting: number;
  /** Jobs whose time has not come. */
  readonly delayed: number;
  /** Jobs that a worker has. */
  readonly active: number;
}

/** The jobs of runs: one for each run, under its id. */
export interface RunJobs {
  /** Adds the jobs of these runs; one that is there already stays as it is. */
  add(runs: readonly RunRecord[]): Promise<void>;
  /** Takes out the job of a run, unless a worker has it. */
  remove(runId: string): Promise<void>;
  counts(): Promise<JobCounts>;
  close(): Promise<void>;
}

export const jobsName = 'runs';

/** BullMQ takes the smallest first, of 1 to 2,097,151; 0 would come before all. */
const middlePriority = 1_000_000;

export function createRunJobs(
  redis: RedisLink,
  prefix: string,
  onError: (error: Error) => void,
): RunJobs {
  let made: Queue<RunJob> | null = null;

  /** It asks Redis which version it is when it is made: the connection has to be there by then. */
  function queue(): Queue<RunJob> {
    if (made !== null) return made;
    made = new Queue<RunJob>(jobsName, {
      connection: redis.client,
      prefix,
      skipWaitingForReady: true,
      streams: { events: { maxLen: 1000 } },
    });
    made.on('error', onError);
    return made;
  }

  return {
    add: async (runs) => {
      const jobs = runs.map(({ id, submission }) => ({
        name: 'run',
        data: { version: 1 as const, runId: id, traceparent: submission.traceparent },
        opts: { jobId: id, priority: toJobPriority(submission.priority) },
      }));
      await redis.call(() => queue().addBulk(jobs));
    },
    remove: async (runId) => {
      await redis.call(() => queue().remove(runId));
    },
    counts: async () => {
      const states = ['waiting', 'prioritized', 'delayed', 'active'] as const;
      const counts = await redis.call(() => queue().getJobCounts(...states));
      const { waiting = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
      return { waiting: waiting + prioritized, delayed, active };
    },
    close: async () => made?.close(),
  };
}

function toJobPriority(priority: number): number {
  return Math.min(2 * middlePriority, Math.max(1, middlePriority - priority));
}

/** Reads a job; null when it is of a form that this version does not know. */
export function parseRunJob(data: unknown): RunJob | null {
  if (typeof data !== 'object' || data === null) return null;
  const { version, runId, traceparent } = data as Partial<Record<keyof RunJob, unknown>>;
  if (version !== 1 || typeof runId !== 'string') return null;
  return { version, runId, traceparent: typeof traceparent === 'string' ? traceparent : null };
}
