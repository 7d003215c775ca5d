import { Redis } from 'ioredis';
import { ProjectBoard } from './project-board.ts';
import { parseQueueOptions, type QueueOptions, type QueueSettings } from './queue-options.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisLink } from './redis-link.ts';
import { createRedisRunStore } from './redis-run-store.ts';
import { createRunJobs, type RunJobs } from './run-jobs.ts';
import type { SharedRunStore } from './shared-run-store.ts';

const callTimeoutMs = 1500;

/** What one process has of a queue: its runs, their jobs, and what workers tell of themselves. */
export class QueueLink {
  readonly settings: QueueSettings;
  readonly store: SharedRunStore;
  readonly redis: RedisLink;
  readonly board: ProjectBoard;
  readonly jobs: RunJobs;
  readonly onError: (error: unknown) => void;
  /** What all keys of BullMQ begin with; in braces, which keep them in one slot of a cluster. */
  readonly jobsPrefix: string;
  #opening: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  /** Throws `ServerSettingsError`. */
  constructor(options: QueueOptions) {
    const { onError = () => undefined, onWarning } = options;
    this.settings = parseQueueOptions(options);
    const { connection, queue: prefix } = this.settings;
    this.onError = onError;
    this.jobsPrefix = `{${prefix}}:jobs`;
    this.store = createRedisRunStore({ connection, prefix, onWarning });
    this.redis = new RedisLink(connection, `{${prefix}}`, callTimeoutMs);
    this.board = new ProjectBoard(this.redis, `{${prefix}}:board`);
    this.jobs = createRunJobs(this.redis, this.jobsPrefix, onError);
  }

  /** Throws `KedroServerError` (`store-unusable`); may be asked again then. */
  async open(): Promise<void> {
    const mine = (this.#opening ??= this.#open());
    try {
      await mine;
    } catch (error) {
      if (this.#opening === mine) this.#opening = null;
      throw error;
    }
  }

  /** Closing it again is the same call. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A connection on which commands may wait; for who closes it. */
  createBlockingClient(): Redis {
    return createBlockingClient(this.settings.connection, this.onError);
  }

  async #open(): Promise<void> {
    await this.redis.open();
    await this.store.open();
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    await this.jobs.close().catch(this.onError);
    this.redis.close();
    await this.store.close();
  }
}

const longestRetryMs = 1000;

function createBlockingClient(
  connection: RedisConnection,
  onError: (error: unknown) => void,
): Redis {
  const ours = {
    replyMapping: 'legacy' as const,
    maxRetriesPerRequest: null,
    lazyConnect: true,
    retryStrategy: (times: number) => Math.min(times * 50, longestRetryMs),
  };
  const client =
    typeof connection === 'string'
      ? new Redis(connection, ours)
      : new Redis({ ...connection, ...ours });
  client.on('error', onError);
  return client;
}
