import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createKedroExecutor, type KedroExecutorOptions } from '../../src/kedro/kedro-executor.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { kedroPython } from '../python-env.ts';
import type { ExecutorHarness } from './executor-suite.ts';

/** Makes executors on copies of `faults-kedro`, for the suite. */
export function createKedroHarness(
  version: 'newest' | 'oldest',
  workerStart: KedroExecutorOptions['workerStart'],
): ExecutorHarness {
  return {
    async create({ workers, maxOutputBytes }) {
      const python = await kedroPython(version);
      const project = await copyProject('faults-kedro');
      const executor = createKedroExecutor({
        projectPath: project.path,
        python,
        workers,
        workerStart,
        maxOutputBytes,
      });
      let parameters = '';
      return {
        executor,
        gateParam: (name) => join(project.path, 'data', name),
        async openGate(name) {
          await project.write(join('data', name), '');
        },
        async readEcho(tenant) {
          const file = join(project.path, 'data', `echo-${tenant}.json`);
          return JSON.parse(await readFile(file, 'utf8')) as {
            params: unknown;
            resolver: unknown;
          };
        },
        async addParameter(name) {
          parameters += `${name}: 1\n`;
          await project.write('conf/local/parameters.yml', parameters);
        },
        async dispose() {
          await executor.close();
          await project[Symbol.asyncDispose]();
        },
      };
    },
  };
}
