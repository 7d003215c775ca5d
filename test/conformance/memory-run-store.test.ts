import { createMemoryRunStore } from '../../src/run/memory-run-store.ts';
import { describeRunStore } from './run-store-suite.ts';

describeRunStore('runs in memory', {
  create: async () => createMemoryRunStore({ maxRuns: Infinity, maxBytes: Infinity }),
  dispose: async () => {},
});
