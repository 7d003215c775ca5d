import { parentPort, workerData } from 'node:worker_threads';
import { createDataCatalog } from '../catalog/data-catalog.ts';
import type { Node } from '../pipeline/node.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import type { ProjectDefinition } from '../project/define-project.ts';
import { type RegisteredPipelines, registerPipelines } from '../project/registered-pipelines.ts';
import { ActiveRun } from '../runner/active-run.ts';
import { runNode } from '../runner/run-node.ts';
import { RunnerError } from '../runner/runner-error.ts';
import { loadProject } from './load-project.ts';
import { type AskMain, ThreadDataset } from './thread-dataset.ts';
import { fromThreadError, toThreadError } from './thread-error.ts';
import type { FromThread, NodePlace, RunStart, ThreadStart, ToThread } from './thread-messages.ts';

interface OpenProject {
  readonly definition: ProjectDefinition;
  readonly pipelines: RegisteredPipelines;
}

interface ThreadRun {
  readonly run: ActiveRun;
  readonly abort: AbortController;
  close(): Promise<void>;
}

const port = parentPort;
if (port === null) throw new Error('This module is the start of a thread of ParallelRunner.');
const post = (message: FromThread): void => port.postMessage(message);

const waiting = new Map<number, PromiseWithResolvers<unknown>>();
let lastId = 0;

const askMain: AskMain = async (dataset, request) => {
  lastId += 1;
  const answer = Promise.withResolvers<unknown>();
  waiting.set(lastId, answer);
  post({ type: 'request', id: lastId, dataset, request });
  return await answer.promise;
};

function takeAnswer(id: number): PromiseWithResolvers<unknown> | undefined {
  const answer = waiting.get(id);
  waiting.delete(id);
  return answer;
}

function begin({ definition }: OpenProject, start: RunStart): ThreadRun {
  const { fileSystems, datasetTypes, openDatasetTypes, hooks } = definition.settings ?? {};
  const types = openDatasetTypes?.();
  const abort = new AbortController();
  const catalog = createDataCatalog({
    ...start.recipe,
    fileSystems,
    datasetTypes: { ...types?.datasetTypes, ...datasetTypes },
  });
  for (const name of start.kept) catalog.set(name, new ThreadDataset(name, askMain));
  const { runId, isAsync } = start;
  const run = new ActiveRun(
    new Pipeline([]),
    catalog,
    { runId, hooks, signal: abort.signal, onEvent: (event) => post({ type: 'event', event }) },
    isAsync,
  );
  abort.signal.addEventListener('abort', () => run.abortNodes());
  return { run, abort, close: async () => await types?.[Symbol.asyncDispose]() };
}

/** The node that stands there. Throws `RunnerError` when this thread has loaded another one. */
function findNode({ pipelines }: OpenProject, { pipeline, node, key }: NodePlace): Node {
  const found = pipelines.get(pipeline)?.nodes.find(({ name }) => name === node);
  if (found?.key === key) return found;
  throw new RunnerError(
    'node-not-shared',
    `The thread that is to run node '${node}' has not registered the same in pipeline '${pipeline}'. 'registerPipelines' has to give the same each time it is called, and files must not change under the server: restart it, or start it with --reload.`,
  );
}

async function work(project: OpenProject, { run }: ThreadRun, place: NodePlace): Promise<void> {
  const node = findNode(project, place);
  try {
    await runNode(node, run);
  } finally {
    for (const name of [...node.inputs, ...node.outputs]) await run.catalog.release(name);
  }
}

async function open({ location }: ThreadStart): Promise<OpenProject> {
  const { projectPath, env, confSource } = location;
  const definition = await loadProject(projectPath, { env, confSource });
  return { definition, pipelines: await registerPipelines(definition.pipelines) };
}

function serve(project: OpenProject): void {
  const runs = new Map<number, ThreadRun>();
  port?.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'begin':
        runs.set(message.run, begin(project, message.start));
        break;
      case 'node': {
        const active = runs.get(message.run);
        if (active === undefined) throw new Error(`Run ${message.run} has not begun here.`);
        work(project, active, message.place).then(
          () => post({ type: 'done', error: null }),
          (error: unknown) => post({ type: 'done', error: toThreadError(error) }),
        );
        break;
      }
      case 'abort':
        runs.get(message.run)?.abort.abort(message.reason);
        break;
      case 'end':
        void runs.get(message.run)?.close();
        runs.delete(message.run);
        break;
      case 'answer':
        takeAnswer(message.id)?.resolve(message.value);
        break;
      case 'refusal':
        takeAnswer(message.id)?.reject(fromThreadError(message.error));
        break;
    }
  });
}

const start: unknown = workerData;

function isThreadStart(data: unknown): data is ThreadStart {
  return typeof data === 'object' && data !== null && 'location' in data;
}

try {
  if (!isThreadStart(start)) throw new Error('A thread of ParallelRunner needs a project.');
  serve(await open(start));
  post({ type: 'ready' });
} catch (error) {
  post({ type: 'broken', error: toThreadError(error) });
}
