import { createRedisRunStore } from '../../src/queue/redis-run-store.ts';
import { batchOf } from '../conformance/run-records.ts';
import { connectRedis, redisUrl } from '../redis.ts';
import { createClaimer, createQueued, noLimits } from './queued-record.ts';

/**
 * One of several processes that do the same at the same time: each accepts a run under each key,
 * claims every run, and stops every other one. Prints what it was told, as JSON.
 */
const [prefix = '', name = '', processes = '1', rounds = '0'] = process.argv.slice(2);
const client = await connectRedis();

/** Resolves when all processes have come so far. */
async function meet(place: string): Promise<void> {
  const key = `{${prefix}}:meeting:${place}`;
  if ((await client.incr(key)) === Number(processes)) {
    await client.rpush(`${key}:open`, ...Array.from({ length: Number(processes) }, () => '1'));
  }
  await client.blpop(`${key}:open`, 30);
}

const store = createRedisRunStore({ connection: redisUrl, prefix, timeoutMs: 10_000 });
await store.open();
const accepted: string[] = [];
const claimed: string[] = [];
const written: string[] = [];
const stopped: string[] = [];
const versions: string[] = [];
await meet('start');
for (let round = 0; round < Number(rounds); round += 1) {
  versions.push(await store.nextSaveVersion());
  const record = createQueued();
  const expiresAtMs = Date.now() + 60_000;
  const key = { key: `k${round}`, fingerprint: 'f', runId: record.id, expiresAtMs };
  if ((await store.accept(record, key, noLimits)).kind === 'accepted') accepted.push(record.id);
}
await meet('accepted');
for (const [index, { id }] of (await store.unfinished()).entries()) {
  // Leases that are over at once: many hold the run one after the other.
  const claimer = createClaimer(`${name} ${id}`, { leaseMs: index % 3 === 0 ? 0 : 60_000 });
  const [outcome, stop] = await Promise.all([
    store.claim(id, claimer),
    index % 2 === 0 ? store.requestStop(id, { kind: 'cancelled', reason: name }) : null,
  ]);
  if (stop === 'cancelled') stopped.push(id);
  if (outcome.kind !== 'claimed') continue;
  claimed.push(id);
  const ended = {
    ...outcome.record,
    status: 'failed' as const,
    endedAtMs: 1,
    nodesRunning: [name],
  };
  try {
    await store.write(batchOf({ runs: [ended] }), [outcome.fence]);
    written.push(id);
  } catch (error) {
    if (!String(error).includes('is not to be written any more')) throw error;
  }
}
process.stdout.write(JSON.stringify({ name, accepted, claimed, written, stopped, versions }));
await store.close();
client.disconnect();
