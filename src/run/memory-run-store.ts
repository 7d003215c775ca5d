import type { RunLogEntry } from './run-log-entry.ts';
import { isFinal, type RunRecord } from './run-record.ts';
import type { KeyOwner, RunStore, StoredOutput } from './run-store.ts';
export function createMemoryRunStore(): RunStore {
  const runs = new Map<string, RunRecord>();
  const entries = new Map<string, RunLogEntry[]>();
  const keys = new Map<string, KeyOwner>();
  const outputs = new Map<string, StoredOutput>();
  return {
    isDurable: false,
    open: async () => {},
    write: async (batch) => {
      for (const run of batch.runs) runs.set(run.id, run);
      for (const key of batch.keys) keys.set(key.key, key);
      for (const { runId, entry } of batch.entries) {
        const list = entries.get(runId) ?? [];
        list.push(entry);
        entries.set(runId, list);
      }
      for (const output of batch.outputs) outputs.set(`${output.runId} ${output.name}`, output);
    },
    get: async (id) => runs.get(id) ?? null,
    list: async ({ limit }) => [...runs.values()].toReversed().slice(0, limit),
    entries: async (id, afterId, limit, type) =>
      (entries.get(id) ?? [])
        .filter((e) => e.id > afterId && (!type || e.event.type === type))
        .slice(0, limit),
    output: async (id, name) => outputs.get(`${id} ${name}`) ?? null,
    findKey: async (key) => keys.get(key) ?? null,
    unfinished: async () => [...runs.values()].filter((r) => !isFinal(r.status)),
    prune: async () => 0,
    close: async () => {},
  };
}
