import { createNativeExecutor } from '../../src/adapters/node.ts';
import { createProjectLoader } from '../../src/nodejs/project-loader.ts';
import { requireTypescriptProject } from '../../src/nodejs/typescript-project.ts';
import { conformIn, createConformingFolder } from './conforming-folder.ts';
import { describeExecutor } from './executor-suite.ts';

describeExecutor('native executor of a folder', {
  create: async ({ workers, maxOutputBytes }) => {
    const folder = await createConformingFolder();
    const executor = createNativeExecutor({
      project: createProjectLoader(requireTypescriptProject(folder.path), {}),
      concurrency: workers,
      maxOutputBytes,
    });
    return conformIn(folder, executor);
  },
});
