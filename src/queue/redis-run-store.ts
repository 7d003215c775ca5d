import { createRedisRunClaims } from './redis-run-claims.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisLink } from './redis-link.ts';
import { createRedisRunRecords } from './redis-run-records.ts';
import { RedisRunWatch } from './redis-run-watch.ts';
import { findRisks } from './redis-risks.ts';
import type { SharedRunStore } from './shared-run-store.ts';

export interface RedisRunStoreOptions {
  readonly connection: RedisConnection;
  /** Keys begin with `{prefix}`; who has another one shares nothing. Default: `kedro`. */
  readonly prefix?: string | undefined;
  /** Within it every call resolves or rejects; default: 2,000 ms. */
  readonly timeoutMs?: number | undefined;
  /** Entries of a run's log that are kept; the oldest go first. Default: 100,000. */
  readonly maxEntries?: number | undefined;
  /** How long who has accepted a run has to queue it before somebody else does; default: 5,000 ms. */
  readonly acceptHoldMs?: number | undefined;
  /** Told at opening of each way in which this Redis could lose runs. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Creates a store in Redis 6.2 or newer, or Valkey, that many servers and workers share. What a
 * call has written outlives each of them; whether it outlives Redis is up to how that is set up
 * (docs/decisions/0009).
 */
export function createRedisRunStore(options: RedisRunStoreOptions): SharedRunStore {
  const { connection, timeoutMs = 2000, maxEntries = 100_000, acceptHoldMs = 5000 } = options;
  const { onWarning = () => undefined } = options;
  const prefix = `{${options.prefix ?? 'kedro'}}`;
  const link = new RedisLink(connection, prefix, timeoutMs);
  const watch = new RedisRunWatch(link, connection, prefix, timeoutMs);

  async function open(): Promise<void> {
    await link.open();
    for (const risk of await findRisks(link)) onWarning(risk);
  }

  return {
    isDurable: true,
    ...createRedisRunRecords(link, prefix, maxEntries),
    ...createRedisRunClaims(link, prefix, acceptHoldMs),
    open,
    watch: (runId, onChange) => watch.run(runId, onChange),
    watchTurns: (onTurn) => watch.turns(onTurn),
    check: () => link.ping(),
    close: async () => {
      watch.close();
      link.close();
    },
  };
}
