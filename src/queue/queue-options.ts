import { ServerSettingsError } from '../errors.ts';
import type { RedisConnection } from './redis-connection.ts';

/** What servers and workers of one project have in common. */
export interface QueueOptions {
  /** Redis or Valkey: `redis://user:password@host:6379/0`, `rediss://` with TLS, or what ioredis takes. */
  readonly connection: RedisConnection;
  /** Name of the queue, for several projects on one Redis; default: `kedro`. */
  readonly queue?: string | undefined;
  /**
   * How soon at the latest the loss of a worker is seen, in milliseconds; default: 10,000. The less
   * it is, the sooner a worker that is merely slow counts as lost.
   */
  readonly lostAfterMs?: number | undefined;
  /** Told what goes wrong and is tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Told at opening of each way in which this Redis could lose runs. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How long what lasts, from the one figure that is given. */
export interface QueueTimes {
  /** How long a claim of a run holds that is not renewed. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  readonly stalledIntervalMs: number;
}

export interface QueueSettings extends QueueTimes {
  readonly connection: RedisConnection;
  readonly queue: string;
}

const name = /^[A-Za-z0-9._-]{1,100}$/u;
const protocols: ReadonlySet<string> = new Set(['redis:', 'rediss:', 'unix:']);
const shortestLossMs = 1000;

/** Throws `ServerSettingsError`. */
export function parseQueueOptions({
  connection,
  queue = 'kedro',
  lostAfterMs = 10_000,
}: QueueOptions): QueueSettings {
  if (typeof connection === 'string') {
    const protocol = URL.canParse(connection) ? new URL(connection).protocol : '';
    if (!protocols.has(protocol)) {
      throw new ServerSettingsError(
        "A queue's connection is the URL of a Redis or Valkey server, such as redis://127.0.0.1:6379.",
      );
    }
  }
  if (!name.test(queue)) {
    throw new ServerSettingsError(
      `A queue's name has up to 100 letters, digits, dots, underscores and hyphens, unlike '${queue}'.`,
    );
  }
  if (!(lostAfterMs >= shortestLossMs)) {
    throw new ServerSettingsError(
      `lostAfterMs is the number of milliseconds after which a worker counts as lost, at least ${shortestLossMs}, not ${lostAfterMs}.`,
    );
  }
  // A lease that is over is seen by the second look at the stalled jobs at the latest.
  const leaseMs = Math.round(lostAfterMs / 2);
  const [renewEveryMs, stalledIntervalMs] = [Math.round(leaseMs / 4), Math.round(lostAfterMs / 5)];
  return { connection, queue, leaseMs, renewEveryMs, stalledIntervalMs };
}
