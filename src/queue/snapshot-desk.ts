import { Queue, QueueEvents, Worker } from 'bullmq';
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { KedroServerError, ProjectError, SnapshotError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import type { ProjectSnapshot } from '../executor/project-snapshot.ts';
import type { QueueLink } from './queue-link.ts';

interface Question {
  readonly params: string | null;
}

type Answer =
  /** The snapshot without parameters is on the board, in this version. */
  | { readonly kind: 'posted'; readonly version: string }
  | { readonly kind: 'snapshot'; readonly snapshot: ProjectSnapshot }
  | {
      readonly kind: 'failed';
      readonly of: 'snapshot' | 'project' | 'other';
      readonly type: string;
      readonly message: string;
      readonly traceback: string;
    };

const deskName = 'snapshots';
const answersAtOnce = 4;

/** Where workers are asked to describe the project, beside the runs that they work on. */
export interface SnapshotDesk {
  /**
   * Asks whichever worker is free first. Throws what describing the project throws, and
   * `store-unusable` when no answer comes in time.
   */
  ask(params: string | null, withinMs: number): Promise<Exclude<Answer, { kind: 'failed' }>>;
  close(): Promise<void>;
}

export function createSnapshotDesk(link: QueueLink): SnapshotDesk {
  const { redis, jobsPrefix: prefix, onError } = link;
  const queue = new Queue<Question, Answer>(deskName, {
    connection: redis.client,
    prefix,
    skipWaitingForReady: true,
    streams: { events: { maxLen: 100 } },
    defaultJobOptions: { removeOnComplete: { age: 10 }, removeOnFail: { age: 10 } },
  });
  const blocking = link.createBlockingClient();
  const events = new QueueEvents(deskName, { connection: blocking, prefix });
  queue.on('error', onError);
  events.on('error', onError);
  return {
    ask: async (params, withinMs) => {
      const job = await redis.call(() => queue.add('describe', { params }));
      let answer: Answer;
      try {
        answer = await job.waitUntilFinished(events, withinMs);
      } catch (cause) {
        void job.remove().catch(() => undefined);
        throw new KedroServerError(
          'store-unusable',
          `No worker has described the project within ${withinMs} ms. Look whether workers of this queue are running.`,
          { cause },
        );
      }
      if (answer.kind !== 'failed') return answer;
      const { type, message, traceback } = answer;
      if (answer.of === 'snapshot') throw new SnapshotError(type, message);
      throw new ProjectError(type, message, traceback);
    },
    close: async () => {
      await events.close();
      blocking.disconnect();
      await queue.close();
    },
  };
}

/** Answers at the desk as long as the worker is there; gives how to end that. */
export function attendSnapshotDesk(
  executor: Executor,
  { board, jobsPrefix: prefix, onError }: QueueLink,
  connection: Redis,
): () => Promise<void> {
  const versions = new WeakMap<ProjectSnapshot, string>();

  async function post(snapshot: ProjectSnapshot): Promise<string> {
    const known = versions.get(snapshot);
    const version =
      known ?? createHash('sha256').update(JSON.stringify(snapshot)).digest('base64url');
    versions.set(snapshot, version);
    if ((await board.snapshotVersion()) !== version)
      await board.writeSnapshot({ version, snapshot });
    return version;
  }

  async function answer({ params }: Question): Promise<Answer> {
    try {
      const snapshot = await executor.snapshot({ params });
      return params === null
        ? { kind: 'posted', version: await post(snapshot) }
        : { kind: 'snapshot', snapshot };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (error instanceof SnapshotError) {
        return { kind: 'failed', of: 'snapshot', type: error.type, message, traceback: '' };
      }
      if (error instanceof ProjectError) {
        const { type, traceback } = error;
        return { kind: 'failed', of: 'project', type, message, traceback };
      }
      return { kind: 'failed', of: 'other', type: name, message, traceback: '' };
    }
  }

  const worker = new Worker<Question, Answer>(deskName, ({ data }) => answer(data), {
    connection,
    prefix,
    concurrency: answersAtOnce,
  });
  worker.on('error', onError);
  return () => worker.close();
}
