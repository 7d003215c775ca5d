import { KedroServerError } from '../errors.ts';
import { entryMisplaced, runMissing } from '../run/misplaced-write.ts';
import type { RunLogEntry } from '../run/run-log-entry.ts';
import { isFinal, type RunRecord } from '../run/run-record.ts';
import type { OwedCallback, Retention, RunBatch, RunQuery } from '../run/run-store.ts';
import { wantedTerms } from '../run/run-terms.ts';
import { readEntries, readKeyOwner, readRecord } from '../run/stored-json.ts';
import { fromStored, toWriteArguments } from './redis-batch.ts';
import type { RedisArgument, RedisLink, RedisScript } from './redis-link.ts';
import { entriesScript, listScript, pruneKeysScript, pruneScript } from './redis-read-scripts.ts';
import { listOf, textOf, textsOf } from './redis-reply.ts';
import { writeScript } from './redis-write-scripts.ts';
import type { RunFence, SharedRunStore } from './shared-run-store.ts';

const runsAtOnce = 500;
const entriesAtOnce = 1000;
/** How many runs a list looks at before others have their turn. */
const mostLooked = 2000;
const removedAtOnce = 50;
const keysAtOnce = 500;
const mostKnown = 10_000;

type RunRecords = Pick<
  SharedRunStore,
  | 'write'
  | 'get'
  | 'findVersion'
  | 'list'
  | 'entries'
  | 'output'
  | 'findKey'
  | 'owedCallbacks'
  | 'unfinished'
  | 'prune'
>;

/** The part of the store that any store of runs has. */
export function createRedisRunRecords(
  link: RedisLink,
  prefix: string,
  maxEntries: number,
): RunRecords {
  /** Open runs that are there for certain: what never changes of them need not be sent. */
  const known = new Set<string>();

  async function write(batch: RunBatch, fences: readonly RunFence[] = []): Promise<void> {
    const held = new Set(fences.map(({ runId }) => runId));
    if (held.size > 0) checkFences(batch, held);
    const isKnown = (id: string): boolean => held.has(id) || known.has(id);
    const args = toWriteArguments(batch, fences, isKnown, maxEntries);
    const [outcome, id, ...rest] = listOf(await link.script(writeScript, args)).map(textOf);
    if (outcome === 'missing') throw runMissing(textOf(id));
    if (outcome === 'misplaced') throw entryMisplaced(textOf(id), Number(rest[0]), Number(rest[1]));
    if (outcome === 'taken') throw runTaken(textOf(id), textOf(rest[0]), textOf(rest[1]));
    if (known.size > mostKnown) known.clear();
    for (const run of batch.runs) {
      if (isFinal(run.status)) known.delete(run.id);
      else if (!held.has(run.id)) known.add(run.id);
    }
  }

  /** Reads what there is of these runs, in this order. */
  async function read(ids: readonly string[]): Promise<readonly RunRecord[]> {
    const found: RunRecord[] = [];
    for (let at = 0; at < ids.length; at += runsAtOnce) {
      const replies = await link.pipeline(
        ids
          .slice(at, at + runsAtOnce)
          .map((id) => ['hmget', `${prefix}:run:${id}`, 'state', 'submission', 'inputs']),
      );
      found.push(...replies.flatMap((reply) => toRecord(listOf(reply)) ?? []));
    }
    return found;
  }

  async function get(id: string): Promise<RunRecord | null> {
    const [record = null] = await read([id]);
    return record;
  }

  async function findVersion(saveVersion: string): Promise<RunRecord | null> {
    const [newest] = await link.call((client) =>
      client.zrevrangebylex(
        `${prefix}:versions`,
        `(${saveVersion}!`,
        `[${saveVersion} `,
        'LIMIT',
        0,
        1,
      ),
    );
    return newest === undefined ? null : get(newest.slice(saveVersion.length + 1));
  }

  async function list(query: RunQuery): Promise<readonly RunRecord[]> {
    const { statuses, sinceMs, untilMs, limit } = query;
    const terms = wantedTerms(query);
    const states = [...new Set(statuses)];
    const found: RunRecord[] = [];
    let before = query.before ?? '';
    if (statuses?.length === 0) return found;
    while (found.length < limit) {
      const most = Math.min(limit - found.length, runsAtOnce);
      const reply = await link.script(listScript, [
        before,
        sinceMs ?? '',
        untilMs ?? '',
        most,
        mostLooked,
        terms.length,
        ...terms,
        statuses === null ? '0' : '1',
        states.length,
        ...states,
      ]);
      const [rows, next] = listOf(reply);
      found.push(...listOf(rows).flatMap((row) => toRecord(listOf(row)) ?? []));
      before = textOf(next);
      if (before === '') break;
    }
    return found;
  }

  async function entries(
    id: string,
    afterId: number,
    limit: number,
    type?: RunLogEntry['event']['type'],
  ): Promise<readonly RunLogEntry[]> {
    const found: RunLogEntry[] = [];
    let from = Math.max(0, afterId) + 1;
    while (found.length < limit) {
      const most = Math.min(limit - found.length, entriesAtOnce);
      const reply = await link.script(entriesScript, [id, from, type ?? '', most]);
      const [texts, next] = listOf(reply);
      found.push(...readEntries(textsOf(texts)));
      from = Number(next);
      if (from === 0) break;
    }
    return found;
  }

  async function owedCallbacks(): Promise<readonly OwedCallback[]> {
    const due = await link.call((client) =>
      client.zrange(`${prefix}:callbacks`, '0', '-1', 'WITHSCORES'),
    );
    const owed: { runId: string; dueAtMs: number }[] = [];
    for (let at = 0; at < due.length; at += 2) {
      owed.push({ runId: textOf(due[at]), dueAtMs: Number(due[at + 1]) });
    }
    const attempts = await link.pipeline(
      owed.map(({ runId }) => ['hget', `${prefix}:run:${runId}`, 'attempts']),
    );
    return owed.map(({ runId, dueAtMs }, index) => ({
      runId,
      attempts: Number(attempts[index]),
      dueAtMs,
    }));
  }

  /** Runs a script that removes some, at most `most`, until there is nothing left for it. */
  async function removeAll(
    script: RedisScript,
    args: readonly RedisArgument[],
    most: number,
  ): Promise<number> {
    let count = 0;
    for (let removed = most; removed === most;) {
      try {
        removed = Number(await link.script(script, [...args, most]));
      } catch (error) {
        if (link.isClosed && count > 0) return count;
        throw error;
      }
      count += removed;
    }
    return count;
  }

  async function prune({ endedBeforeMs, maxEndedRuns, nowMs }: Retention): Promise<number> {
    const limits = [endedBeforeMs ?? '', maxEndedRuns ?? ''];
    const count = await removeAll(pruneScript, limits, removedAtOnce);
    if (count === 0 || !link.isClosed) await removeAll(pruneKeysScript, [nowMs], keysAtOnce);
    return count;
  }

  return {
    write,
    get,
    findVersion,
    list,
    entries,
    output: async (id, name) => {
      const json = await link.call((client) =>
        client.hget(`${prefix}:outputs:${id}`, JSON.stringify(name)),
      );
      return json === null ? null : { runId: id, name, json: fromStored(json) };
    },
    findKey: async (key, nowMs) => {
      const json = await link.call((client) => client.hget(`${prefix}:keys`, JSON.stringify(key)));
      const owner = json === null ? null : readKeyOwner(json);
      return owner === null || owner.expiresAtMs <= nowMs ? null : owner;
    },
    owedCallbacks,
    unfinished: async () => {
      const ids = await link.call((client) => client.zrange(`${prefix}:open`, '0', '-1'));
      return (await read(ids)).filter(({ status }) => !isFinal(status));
    },
    prune,
  };
}

/** The record of its state, submission and inputs; null when there is none. */
export function toRecord([state, submission, inputs]: readonly unknown[]): RunRecord | null {
  if (typeof state !== 'string' || typeof submission !== 'string') return null;
  const hasInputs = typeof inputs === 'string' && inputs !== '';
  return readRecord({ state, submission, inputs: hasInputs ? fromStored(inputs) : null });
}

export function runTaken(runId: string, status: string, worker: string): KedroServerError {
  let why = 'it is over';
  if (status === 'gone') why = 'it is not kept any more';
  else if (worker !== '') why = `worker '${worker}' has claimed it`;
  else if (status === 'queued') why = 'it has been given back';
  return new KedroServerError('run-taken', `Run ${runId} is not to be written any more: ${why}.`);
}

function checkFences(batch: RunBatch, held: ReadonlySet<string>): void {
  const ids = [
    ...batch.runs.map(({ id }) => id),
    ...[...batch.keys, ...batch.entries, ...batch.outputs, ...(batch.callbacks ?? [])].map(
      ({ runId }) => runId,
    ),
  ];
  const other = ids.find((id) => !held.has(id));
  if (other !== undefined) {
    throw new Error(`Run ${other} is written without its fence, beside runs with theirs.`);
  }
}
