import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import {
  createKedroExecutor,
  type KedroExecutor,
  type KedroExecutorOptions,
  type KedroNotice,
} from '../../src/kedro/kedro-executor.ts';
import { copyProject } from '../cli/kedro-project-copy.ts';
import { orderPipeline } from '../conformance/run-order.ts';
import { watchRun, type WatchedRun } from '../conformance/watched-run.ts';
import type { TemporaryFolder } from '../nodejs/temporary-folder.ts';
import { kedroPython } from '../python-env.ts';

/** An executor on a copy of a fixture of its own. */
export interface OpenProject extends AsyncDisposable {
  readonly executor: KedroExecutor;
  readonly project: TemporaryFolder;
  readonly notices: readonly KedroNotice[];
  readJson(name: string): Promise<unknown>;
  /** Starts a run whose node waits at a gate, and waits until it does. */
  hold(): Promise<HeldRun>;
}

export interface HeldRun extends WatchedRun {
  /** Process id of the worker. */
  readonly pid: number;
  /** Lets the run go on, and waits for its end. */
  release(): Promise<void>;
}

export interface OpenProjectOptions extends Partial<KedroExecutorOptions> {
  readonly fixture?: 'tiny-kedro' | 'faults-kedro' | 'params-kedro';
  readonly kedro?: 'newest' | 'oldest';
  /** Changes the copy before the executor is created. */
  prepare?(project: TemporaryFolder): Promise<unknown>;
}

let held = 0;

/** Opens an executor with two workers on a copy of a fixture. */
export async function openProject({
  fixture = 'faults-kedro',
  kedro = 'newest',
  prepare,
  ...options
}: OpenProjectOptions = {}): Promise<OpenProject> {
  const project = await copyProject(fixture);
  await prepare?.(project);
  const notices: KedroNotice[] = [];
  const executor = createKedroExecutor({
    projectPath: project.path,
    python: await kedroPython(kedro),
    workers: 2,
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  const gates: string[] = [];
  const openGates = async (): Promise<void> => {
    await Promise.all(gates.splice(0).map((gate) => writeFile(gate, '')));
  };
  return {
    executor,
    project,
    notices,
    readJson: async (name) =>
      JSON.parse(await readFile(join(project.path, 'data', `${name}.json`), 'utf8')) as unknown,
    async hold() {
      held += 1;
      const gate = join(project.path, 'data', `held-${held}`);
      gates.push(gate);
      // A test that fails leaves its worker to the others.
      onTestFinished(openGates);
      const run = watchRun(executor, orderPipeline('gate', { gate }));
      const { message } = await run.line(/^pid \d+$/);
      return {
        ...run,
        pid: Number(message.slice('pid '.length)),
        async release() {
          await writeFile(gate, '');
          await run.ended;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await openGates();
      await executor.close();
      await project[Symbol.asyncDispose]();
    },
  };
}
