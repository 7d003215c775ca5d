import { isFinal, type RunRecord } from '../run/run-record.ts';
import type { KeyOwner, RunBatch } from '../run/run-store.ts';
import { termsOf } from '../run/run-terms.ts';
import { writeState, writeSubmission } from '../run/stored-json.ts';
import type { RedisArgument } from './redis-link.ts';
import type { RunFence } from './shared-run-store.ts';

/** No JSON begins with it. */
const escaped = '\u0001';

/** Redis gets UTF-8, which has no place for half a surrogate pair. */
export function toStored(text: string): string {
  return text.isWellFormed() && !text.startsWith(escaped)
    ? text
    : `${escaped}${JSON.stringify(text)}`;
}

export function fromStored(text: string): string {
  return text.startsWith(escaped) ? String(JSON.parse(text.slice(escaped.length))) : text;
}

/** The arguments of `writeScript`. Of runs that are `known` to be there, what never changes is left out. */
export function toWriteArguments(
  batch: RunBatch,
  fences: readonly RunFence[],
  known: (id: string) => boolean,
  maxEntries: number,
): readonly RedisArgument[] {
  const callbacks = batch.callbacks ?? [];
  return [
    ...counted(fences, ({ runId, fence }) => [runId, fence]),
    ...counted(batch.runs, (run) => toRunArguments(run, known(run.id))),
    ...counted(batch.keys, toKeyArguments),
    ...counted(batch.entries, ({ runId, entry }) => [
      runId,
      entry.id,
      entry.event.type,
      JSON.stringify(entry),
    ]),
    ...counted(batch.outputs, ({ runId, name, json }) => [
      runId,
      JSON.stringify(name),
      toStored(json),
    ]),
    ...counted(callbacks, ({ runId, attempts, dueAtMs }) => [runId, attempts, dueAtMs ?? '']),
    maxEntries,
  ];
}

export function toRunArguments(record: RunRecord, isKnown: boolean): readonly RedisArgument[] {
  const { id, saveVersion, status, createdAtMs, submission } = record;
  const ended = isFinal(status) ? (record.endedAtMs ?? createdAtMs) : '';
  const changing = [id, saveVersion, status, createdAtMs, ended, writeState(record)];
  if (isKnown) return [...changing, '', '', '', '', '', '', ''];
  const { owner = null, concurrency, priority } = submission;
  const stored = writeSubmission(submission);
  return [
    ...changing,
    stored.submission,
    stored.inputs === null ? '' : toStored(stored.inputs),
    JSON.stringify(owner),
    // Owners have keys of their own, so that nobody's runs are in the way of others'.
    concurrency === null ? '' : JSON.stringify([owner, concurrency.key]),
    concurrency?.limit ?? '',
    priority,
    termsOf(record).join('\n'),
  ];
}

export function toKeyArguments(owner: KeyOwner): readonly RedisArgument[] {
  return [JSON.stringify(owner.key), JSON.stringify(owner), owner.expiresAtMs];
}

function counted<T>(
  items: readonly T[],
  toArguments: (item: T) => readonly RedisArgument[],
): readonly RedisArgument[] {
  return [items.length, ...items.flatMap(toArguments)];
}
