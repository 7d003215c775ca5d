import type { RunLogEntry } from '../../src/run/run-log-entry.ts';
import { isFinal, type RunRecord } from '../../src/run/run-record.ts';
import type {
  KeyOwner,
  Retention,
  RunBatch,
  RunQuery,
  StoredOutput,
} from '../../src/run/run-store.ts';

/** What a store of runs has to hold, in plain arrays. */
export class RunStoreModel {
  runs: RunRecord[] = [];
  entriesOf: { runId: string; entry: RunLogEntry }[] = [];
  outputs: StoredOutput[] = [];
  keys: KeyOwner[] = [];

  write(batch: RunBatch): void {
    const isIn = (id: string): boolean => batch.runs.some((run) => run.id === id);
    this.runs = [...this.runs.filter(({ id }) => !isIn(id)), ...batch.runs].toSorted((a, b) =>
      a.id < b.id ? -1 : 1,
    );
    for (const key of batch.keys) {
      this.keys = [...this.keys.filter((other) => other.key !== key.key), key];
    }
    this.entriesOf.push(...batch.entries);
    for (const output of batch.outputs) {
      const isOther = ({ runId, name }: StoredOutput): boolean =>
        runId !== output.runId || name !== output.name;
      this.outputs = [...this.outputs.filter(isOther), output];
    }
  }

  list(query: RunQuery): RunRecord[] {
    const { statuses, pipeline, labels, sinceMs, untilMs, before, limit } = query;
    return this.runs
      .filter(({ status }) => statuses?.includes(status) ?? true)
      .filter(({ createdAtMs }) => sinceMs === null || createdAtMs >= sinceMs)
      .filter(({ createdAtMs }) => untilMs === null || createdAtMs < untilMs)
      .filter(({ id }) => before === null || id < before)
      .filter(({ submission }) => {
        const names = submission.order.pipelineNames ?? [];
        if (pipeline === null) return true;
        return names.length === 0 ? pipeline === '__default__' : names.includes(pipeline);
      })
      .filter(({ submission }) =>
        Object.entries(labels).every(([name, value]) =>
          Object.entries(submission.labels).some(
            (label) => label[0] === name && label[1] === value,
          ),
        ),
      )
      .toReversed()
      .slice(0, limit);
  }

  entries(id: string, afterId: number, limit: number, type?: string): RunLogEntry[] {
    return this.entriesOf
      .filter(({ runId, entry }) => runId === id && entry.id > afterId)
      .map(({ entry }) => entry)
      .filter(({ event }) => type === undefined || event.type === type)
      .slice(0, limit);
  }

  lastEntryId(id: string): number {
    return this.entries(id, 0, Infinity).at(-1)?.id ?? 0;
  }

  findKey(key: string, nowMs: number): KeyOwner | null {
    return this.keys.find((one) => one.key === key && one.expiresAtMs > nowMs) ?? null;
  }

  unfinished(): RunRecord[] {
    return this.runs.filter(({ status }) => !isFinal(status));
  }

  prune({ endedBeforeMs, maxEndedRuns, nowMs }: Retention): number {
    const ended = this.runs
      .filter(({ status }) => isFinal(status))
      .toSorted((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0));
    const kept = ended
      .slice(maxEndedRuns === null ? 0 : Math.max(0, ended.length - maxEndedRuns))
      .filter(({ endedAtMs }) => endedBeforeMs === null || (endedAtMs ?? 0) >= endedBeforeMs);
    const isGone = (id: string): boolean =>
      ended.some((run) => run.id === id) && !kept.some((run) => run.id === id);
    this.entriesOf = this.entriesOf.filter(({ runId }) => !isGone(runId));
    this.outputs = this.outputs.filter(({ runId }) => !isGone(runId));
    this.runs = this.runs.filter(({ id }) => !isGone(id));
    this.keys = this.keys.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    return ended.length - kept.length;
  }
}
