import { createProcessExecutor } from '../../src/adapters/node.ts';
import { conformIn, createConformingFolder } from './conforming-folder.ts';
import { describeExecutor } from './executor-suite.ts';

describeExecutor('native executor with a process a run', {
  create: async ({ workers, maxOutputBytes }) => {
    const folder = await createConformingFolder();
    const executor = createProcessExecutor({
      projectPath: folder.path,
      concurrency: workers,
      maxOutputBytes,
    });
    return conformIn(folder, executor);
  },
});
