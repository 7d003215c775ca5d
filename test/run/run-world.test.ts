import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { createConformingProject } from '../project/conforming-project.ts';
import { createMemoryDisk } from './crashing-store.ts';
import { createGatedExecutor } from './gated-executor.ts';
import { describeRunWorld } from './run-world-suite.ts';
import { createScriptedExecutor } from './scripted-executor.ts';

describeRunWorld('scripted runs, a store in memory', {
  numRuns: 400,
  create: async () => ({
    disk: createMemoryDisk(),
    createExecutor: async (options) => createScriptedExecutor(options),
  }),
});

describeRunWorld('native runs, a store in memory', {
  numRuns: 60,
  create: async () => ({
    disk: createMemoryDisk(),
    createExecutor: async (options) => {
      const { definition, openGate } = createConformingProject();
      const executor = createNativeExecutor({ project: definition, concurrency: 2 });
      const real = {
        executor,
        gateParam: (name: string) => name,
        openGate: async (name: string) => openGate(name),
        dispose: () => executor.close(),
      };
      return createGatedExecutor(real, options);
    },
  }),
});
