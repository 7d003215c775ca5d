import { type Project, openProject } from '../../src/project/project.ts';
import { loadProject } from '../../src/nodejs/load-project.ts';
import type { ParamRules } from '../../src/project/kept-config.ts';
import type { RunnerEvent } from '../../src/runner/runner-event.ts';
import type { RunRequest } from '../../src/project/run-request.ts';
import type { SessionOptions } from '../../src/project/run-session.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** A run of a project that is loaded from a folder, with all that was told of it. */
export interface ToldRun {
  /** What the run threw; undefined when it succeeded. */
  readonly error: unknown;
  readonly events: readonly RunnerEvent[];
}

export interface ParallelProject extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<unknown>;
  run(request?: Partial<RunRequest>, options?: SessionOptions): Promise<ToldRun>;
}

const manifest = { type: 'module', kedro: { projectName: 'Parallel', packageName: 'parallel' } };

async function tell(
  project: Project,
  request: Partial<RunRequest>,
  options: SessionOptions,
): Promise<ToldRun> {
  const events: RunnerEvent[] = [];
  const onEvent = (event: RunnerEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  try {
    const runner = 'ParallelRunner';
    await project.run({ runId: 'run', runner, ...request }, { ...options, onEvent });
    return { error: undefined, events };
  } catch (error) {
    return { error, events };
  }
}

/** Writes a project, by path below its folder, and opens it. */
export async function createParallelProject(
  files: Readonly<Record<string, string>>,
  params?: ParamRules,
): Promise<ParallelProject> {
  const folder = createTemporaryFolder();
  const all = {
    'package.json': JSON.stringify(manifest),
    'conf/base/catalog.yml': '',
    'conf/base/parameters.yml': '',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) await folder.write(name, text);
  const project = await openProject(await loadProject(folder.path), params);
  return {
    path: folder.path,
    write: async (name, text) => folder.write(name, text),
    run: async (request = {}, options = {}) => tell(project, request, options),
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  };
}
