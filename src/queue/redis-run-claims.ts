import { owedCallback } from '../run/callbacks.ts';
import { LiveRun, stoppedBy, type StopWish } from '../run/live-run.ts';
import { isFinal, type RunRecord } from '../run/run-record.ts';
import { keyTaken, quotaFull, RunRefused } from '../run/run-refused.ts';
import type { KeyOwner, RunStore } from '../run/run-store.ts';
import { readKeyOwner, writeState } from '../run/stored-json.ts';
import { toKeyArguments, toRunArguments } from './redis-batch.ts';
import {
  abandonedScript,
  claimScript,
  nextVersionScript,
  releaseScript,
  renewScript,
  takeCallbacksScript,
  takeTurnsScript,
} from './redis-claim-scripts.ts';
import type { RedisArgument, RedisLink } from './redis-link.ts';
import { listOf, textOf, textsOf, toStopWish } from './redis-reply.ts';
import { runTaken, toRecord } from './redis-run-records.ts';
import { acceptScript, stopScript } from './redis-write-scripts.ts';
import type {
  Acceptance,
  AcceptLimits,
  Claimer,
  ClaimOutcome,
  RunFence,
  SharedRunStore,
  StopOutcome,
} from './shared-run-store.ts';

type RunClaims = Omit<SharedRunStore, keyof RunStore | 'watch' | 'watchTurns' | 'check'>;

/** How often a run may change between being read and being stopped. */
const mostTries = 20;

/** The part of the store in which servers and workers decide who does what. */
export function createRedisRunClaims(
  link: RedisLink,
  prefix: string,
  acceptHoldMs: number,
): RunClaims {
  const runKey = (id: string): string => `${prefix}:run:${id}`;

  async function accept(
    submitted: RunRecord,
    key: KeyOwner | null,
    limits: AcceptLimits,
  ): Promise<Acceptance> {
    const run = new LiveRun(submitted, 0);
    const entry = run.append({ type: 'run.queued' });
    const record = run.toRecord();
    const { concurrency } = record.submission;
    const wish: StopWish = {
      kind: 'cancelled',
      reason: `Run ${record.id} took the place of this one.`,
    };
    const reply = await link.script(acceptScript, [
      ...toRunArguments(record, false),
      JSON.stringify(entry),
      ...(key === null ? ['', '', ''] : toKeyArguments(key)),
      toLimit(limits.maxQueued),
      toLimit(limits.maxOpen),
      acceptHoldMs,
      concurrency?.onConflict ?? '',
      JSON.stringify(wish),
    ]);
    const [outcome, told, others = []] = listOf(reply);
    if (outcome === 'accepted') {
      return { kind: 'accepted', record, hasTurn: told === 1, displaced: textsOf(others) };
    }
    if (outcome === 'replay') return { kind: 'replay', owner: readKeyOwner(textOf(told)) };
    throw toRefusal(textOf(outcome), told, record, limits);
  }

  async function read(ids: readonly string[]): Promise<readonly RunRecord[]> {
    const replies = await link.pipeline(
      ids.map((id) => ['hmget', runKey(id), 'state', 'submission']),
    );
    return replies.flatMap((reply) => toRecord(listOf(reply)) ?? []);
  }

  async function claim(runId: string, claimer: Claimer): Promise<ClaimOutcome> {
    const { worker, token, leaseMs } = claimer;
    const [kind, ...rest] = listOf(await link.script(claimScript, [runId, worker, token, leaseMs]));
    switch (kind) {
      case 'held':
        return { kind, worker: textOf(rest[0]), leaseLeftMs: Number(rest[1]) };
      case 'ended':
        return { kind, record: recordOf(runId, rest) };
      case 'claimed': {
        const [fence, ...parts] = rest;
        const record = recordOf(runId, parts);
        return {
          kind,
          fence: { runId, fence: Number(fence) },
          record,
          stopWish: toStopWish(parts[3]),
        };
      }
      case 'waiting':
        return { kind };
      default:
        return { kind: 'unknown' };
    }
  }

  async function renew({ runId, fence }: RunFence, leaseMs: number): Promise<StopWish | null> {
    const reply = listOf(await link.script(renewScript, [runId, fence, leaseMs]));
    if (reply[0] === 'renewed') return toStopWish(reply[1]);
    throw runTaken(runId, textOf(reply[2]), textOf(reply[3]));
  }

  /** One try: null when the run has changed meanwhile. */
  async function tryStop(runId: string, wish: StopWish): Promise<StopOutcome | null> {
    const parts = await link.call((client) =>
      client.hmget(runKey(runId), 'state', 'submission', 'inputs', 'stop'),
    );
    const record = toRecord(parts);
    if (record === null) return 'unknown';
    if (isFinal(record.status)) return 'ended';
    const first = toStopWish(parts[3]) ?? wish;
    const end = record.status === 'queued' ? endArguments(record, first) : [];
    const before = record.status === 'queued' ? textOf(parts[0]) : '';
    const [outcome] = listOf(
      await link.script(stopScript, [runId, before, JSON.stringify(first), ...end]),
    );
    switch (outcome) {
      case 'cancelled':
      case 'stopping':
      case 'ended':
      case 'unknown':
        return outcome;
      default:
        return null;
    }
  }

  async function requestStop(runId: string, wish: StopWish): Promise<StopOutcome> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const outcome = await tryStop(runId, wish);
      if (outcome !== null) return outcome;
    }
    throw new Error(`Run ${runId} changed ${mostTries} times while it was to be stopped.`);
  }

  return {
    accept,
    takeTurns: async ({ limit, holdMs }) =>
      read(textsOf(await link.script(takeTurnsScript, [limit, holdMs]))),
    ready: async (limit) => {
      const [count, ids] = await link.pipeline([
        ['zcard', `${prefix}:ready`],
        ['zrange', `${prefix}:ready`, 0, limit - 1],
      ]);
      return { count: Number(count), runs: limit > 0 ? await read(textsOf(ids)) : [] };
    },
    markQueued: async (runIds) => {
      if (runIds.length > 0) await link.call((client) => client.zrem(`${prefix}:turns`, ...runIds));
    },
    claim,
    renew,
    release: async ({ runId, fence }) => {
      await link.script(releaseScript, [runId, fence]);
    },
    requestStop,
    stopWish: async (runId) =>
      toStopWish(await link.call((client) => client.hget(runKey(runId), 'stop'))),
    abandoned: async (limit) =>
      listOf(await link.script(abandonedScript, [limit])).map((row) => {
        const [runId = '', worker = '', overForMs] = textsOf(row);
        return { runId, worker, overForMs: Number(overForMs) };
      }),
    takeCallbacks: async ({ limit, holdMs }) =>
      listOf(await link.script(takeCallbacksScript, [limit, holdMs])).map((row) => {
        const [runId = '', attempts, dueAtMs] = textsOf(row);
        return { runId, attempts: Number(attempts), dueAtMs: Number(dueAtMs) };
      }),
    nextSaveVersion: async () => {
      const atMs = Number(await link.script(nextVersionScript, []));
      return new Date(atMs).toISOString().replaceAll(':', '.');
    },
  };
}

/** How a run that nobody has begun is ended: its state, two entries and the callback owed. */
function endArguments(record: RunRecord, wish: StopWish): readonly RedisArgument[] {
  const run = new LiveRun(record, 0);
  const entries = [run.wishStop(wish), run.finish(wish.kind, stoppedBy(wish))].filter(
    (entry) => entry !== null,
  );
  const ended = run.toRecord();
  return [
    ended.status,
    writeState(ended),
    ended.endedAtMs ?? '',
    entries.length,
    ...entries.flatMap((entry) => [entry.id, entry.event.type, JSON.stringify(entry)]),
    owedCallback(ended)?.dueAtMs ?? '',
  ];
}

function recordOf(runId: string, parts: readonly unknown[]): RunRecord {
  const record = toRecord(parts);
  if (record === null) throw new Error(`Run ${runId} has no record in Redis.`);
  return record;
}

/** Lua reads it as a number. */
function toLimit(limit: number): RedisArgument {
  return Number.isFinite(limit) ? limit : 'inf';
}

function toRefusal(
  outcome: string,
  told: unknown,
  { submission: { concurrency } }: RunRecord,
  { maxOpen, maxQueued, retryAfterS }: AcceptLimits,
): RunRefused {
  if (outcome === 'quota') return quotaFull(textOf(told), maxOpen, retryAfterS);
  if (outcome === 'conflict' && concurrency !== null) {
    return keyTaken(concurrency, [...textsOf(told)].toSorted());
  }
  return new RunRefused(
    'queue-full',
    `The queue is full: ${textOf(told)} runs are waiting, and no more than ${maxQueued} may. Try again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}
