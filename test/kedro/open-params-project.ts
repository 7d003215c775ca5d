import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunEnded } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { runToEnd } from '../conformance/watched-run.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { openProject, type OpenProject, type OpenProjectOptions } from './open-project.ts';

/** What a dataset has opened: its class, and its path with links resolved. */
export interface Opened {
  readonly kind: string;
  readonly path: string;
}

/** The project whose catalog has runtime parameters everywhere, and a canary beside it. */
export interface ParamsProject extends AsyncDisposable {
  readonly kedro: OpenProject;
  readonly path: string;
  /** A folder outside of the project, with `canary.txt`. */
  readonly outside: string;
  /** A folder that `paramRoots` lists. */
  readonly listed: string;
  /** A folder that the catalog itself names. */
  readonly elsewhere: string;
  run(
    pipeline: string,
    params?: object,
    wanted?: Partial<RunOrder>,
  ): Promise<{ readonly ended: RunEnded; readonly opened: readonly Opened[] }>;
}

export const canary = 'what nobody may read';

/** Opens it. In `data/`, `link` and `link.txt` lead to the canary. */
export async function openParamsProject({
  prepare,
  ...options
}: OpenProjectOptions = {}): Promise<ParamsProject> {
  const around = createTemporaryFolder();
  const [outside, listed, elsewhere] = ['outside', 'listed', 'elsewhere'].map((name) =>
    join(around.path, name),
  ) as [string, string, string];
  for (const folder of [outside, listed, elsewhere]) {
    await mkdir(folder);
    await writeFile(join(folder, 'canary.txt'), canary);
  }
  const kedro = await openProject({
    fixture: 'params-kedro',
    workers: 1,
    paramRoots: [listed, 'memory://listed/tenants'],
    ...options,
    async prepare(project: TemporaryFolder) {
      await project.write(
        'conf/local/globals.yml',
        `elsewhere: ${elsewhere}\nplaces:\n  here: data/here\n  outside: ${outside}\n`,
      );
      await symlink(outside, join(project.path, 'data/link'));
      await symlink(join(outside, 'canary.txt'), join(project.path, 'data/link.txt'));
      await prepare?.(project);
    },
  });
  await kedro.executor.open();
  const notes = join(kedro.project.path, 'data/opened.jsonl');
  return {
    kedro,
    path: kedro.project.path,
    outside,
    listed,
    elsewhere,
    async run(pipeline, params, wanted) {
      await rm(notes, { force: true });
      const events = await runToEnd(kedro.executor, orderPipeline(pipeline, params, wanted));
      const text = await readFile(notes, 'utf8').catch(() => '');
      return {
        ended: events.at(-1) as RunEnded,
        opened: text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Opened),
      };
    },
    async [Symbol.asyncDispose]() {
      await kedro[Symbol.asyncDispose]();
      await around[Symbol.asyncDispose]();
    },
  };
}
