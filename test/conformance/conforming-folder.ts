import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { ConfigSource } from '../../src/config/config-source.ts';
import type { Executor } from '../../src/executor/executor.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import type { ConformingProject } from '../project/conforming-project.ts';
import type { ConformingExecutor } from './executor-suite.ts';

const module = path.resolve(import.meta.dirname, '../project/conforming-project.ts');

/** The conforming project, with its configuration and its data on disk. */
const projectFile = `
import { createConformingProject } from ${JSON.stringify(module)};

export const conforming = createConformingProject();
const { config, settings, ...definition } = conforming.definition;
export const project = { ...definition, settings: { findSource: settings?.findSource } };
`;

/** The conforming project in a folder; its gates can be opened by any process. */
export interface ConformingFolder
  extends Omit<ConformingExecutor, 'executor' | 'dispose'>, AsyncDisposable {
  readonly path: string;
}

export async function createConformingFolder(): Promise<ConformingFolder> {
  const folder = createTemporaryFolder();
  const kedro = { projectName: 'Conforming', packageName: 'conforming' };
  await folder.write('package.json', JSON.stringify({ type: 'module', kedro }));
  await folder.write('data/numbers.json', '[1, 2, 3, 4]');
  const file = await folder.write('src/project.ts', projectFile);
  const { conforming } = (await import(file)) as { conforming: ConformingProject };
  const config = conforming.definition.config as ConfigSource;
  for (const env of ['base', 'local']) {
    for (const name of (await config.listFiles(env)) ?? []) {
      await folder.write(`conf/${name}`, await config.readText(name));
    }
  }
  const gateParam = (name: string): string => path.join(folder.path, name);
  return {
    path: folder.path,
    gateParam,
    openGate: (name) => writeFile(gateParam(name), ''),
    readEcho: async (tenant) => {
      const text = await readFile(path.join(folder.path, `data/echo-${tenant}.json`), 'utf8');
      return JSON.parse(text) as { params: unknown; resolver: unknown };
    },
    addParameter: async (name) => {
      await appendFile(path.join(folder.path, 'conf/local/parameters.yml'), `${name}: 1\n`);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** An executor of the folder, which is removed with it. */
export function conformIn(folder: ConformingFolder, executor: Executor): ConformingExecutor {
  return {
    ...folder,
    executor,
    dispose: async () => {
      await executor.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
