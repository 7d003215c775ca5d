import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, inject } from 'vitest';

import { createKedroExecutor } from '../../src/kedro/kedro-executor.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { kedroPython } from '../python-env.ts';
import { describeExecutor } from './executor-suite.ts';

describe.skipIf(inject('pythonMissing') !== null)('Kedro executor', () => {
  for (const version of ['newest', 'oldest'] as const) {
    for (const workerStart of ['fork', 'spawn'] as const) {
      describeExecutor(`${version} Kedro, workers by ${workerStart}`, {
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
      });
    }
  }
});
