import { join } from 'node:path';
import { describe, inject } from 'vitest';

import { createKedroExecutor } from '../../src/kedro/kedro-executor.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { kedroPython } from '../python-env.ts';
import { createMemoryDisk } from '../run/crashing-store.ts';
import { createGatedExecutor } from '../run/gated-executor.ts';
import { describeRunWorld } from '../run/run-world-suite.ts';

describe.skipIf(inject('pythonMissing') !== null)('Kedro', () => {
  describeRunWorld('Kedro runs, a store in memory', {
    numRuns: 6,
    maxWishes: 20,
    create: async () => {
      const project = await copyProject('faults-kedro');
      const python = await kedroPython('newest');
      const disk = createMemoryDisk();
      return {
        disk: { ...disk, dispose: async () => project[Symbol.asyncDispose]() },
        createExecutor: async (options) => {
          const executor = createKedroExecutor({ projectPath: project.path, python, workers: 2 });
          const real = {
            executor,
            gateParam: (name: string) => join(project.path, 'data', name),
            openGate: async (name: string) => {
              await project.write(join('data', name), '');
            },
            dispose: () => executor.close(),
          };
          return createGatedExecutor(real, options);
        },
      };
    },
  });
});
