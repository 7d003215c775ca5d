import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import type { RunBatch, RunStore } from '../../src/run/run-store.ts';

/** What would be on a disk: stores that are opened on it, and that a crash cuts off. */
export interface Disk {
  /** Opens what is there. Whoever holds the store that was open before writes nothing more. */
  open(): Promise<RunStore>;
  dispose(): Promise<void>;
}

/** A disk in memory: each write that resolved is there again after a crash. */
export function createMemoryDisk(): Disk {
  const batches: RunBatch[] = [];
  let generation = 0;
  return {
    open: async () => {
      generation += 1;
      const mine = generation;
      const memory = createMemoryRunStore();
      for (const batch of batches) await memory.write(batch);
      return {
        ...memory,
        isDurable: true,
        write: async (batch) => {
          // A process that is gone hears nothing of what it began.
          if (mine !== generation) return new Promise(() => {});
          batches.push(structuredClone(batch));
          return memory.write(batch);
        },
      };
    },
    dispose: () => Promise.resolve(),
  };
}
