import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { createConformingMemory } from './conforming-memory.ts';
import { describeExecutor } from './executor-suite.ts';

describeExecutor('native executor', {
  create: async ({ workers, maxOutputBytes }) => {
    const { definition, access } = createConformingMemory();
    const executor = createNativeExecutor({
      project: definition,
      concurrency: workers,
      maxOutputBytes,
    });
    return {
      executor,
      ...access,
      dispose: () => executor.close(),
    };
  },
});
