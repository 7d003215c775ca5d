import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { createConformingProject } from '../project/conforming-project.ts';
import { describeExecutor } from './executor-suite.ts';

describeExecutor('native executor', {
  create: async ({ workers, maxOutputBytes }) => {
    const { definition, openGate, readJson, addParameter } = createConformingProject();
    const executor = createNativeExecutor({
      project: definition,
      concurrency: workers,
      maxOutputBytes,
    });
    return {
      executor,
      gateParam: (name) => name,
      openGate: async (name) => openGate(name),
      readEcho: async (tenant) =>
        (await readJson(`data/echo-${tenant}.json`)) as { params: unknown; resolver: unknown },
      addParameter: async (name) => addParameter(name),
      dispose: () => executor.close(),
    };
  },
});
