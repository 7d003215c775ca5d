import { parentPort, workerData } from 'node:worker_threads';
import { createNativeExecutor } from '../adapters/node.ts';
import { ProjectError } from '../errors.ts';
import { environmentSecrets } from '../nodejs/environment-secrets.ts';
import { loadProject } from '../nodejs/load-project.ts';
import { readThreadTask, type ThreadMessage } from './thread-task.ts';

/** The program of the thread in which `kedro-server run` runs a project. */
const { projectPath, env, confSource, cancelGraceMs, order } = readThreadTask(workerData);
const port = parentPort;
const abort = new AbortController();
port?.on('message', () => abort.abort());
// What waits for the main thread only is not worth waiting for.
port?.unref();

function tell(message: ThreadMessage): void {
  port?.postMessage(message);
}

function tellOfCall({ node }: { readonly node: { readonly name: string } }): void {
  tell({ kind: 'calling', node: node.name });
}

const executor = createNativeExecutor({
  cancelGraceMs,
  secrets: environmentSecrets(),
  // Who runs a command may change the project too.
  trustParams: true,
  project: async () => {
    const definition = await loadProject(projectPath, { env, confSource });
    const hooks = [...(definition.settings?.hooks ?? []), { beforeNodeRun: tellOfCall }];
    return { ...definition, settings: { ...definition.settings, hooks } };
  },
});

async function run(): Promise<void> {
  try {
    await executor.open();
    for await (const event of executor.execute(order, { signal: abort.signal })) {
      tell({ kind: 'event', event });
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell(
      error instanceof ProjectError
        ? { kind: 'broken', type: error.type, message, traceback: error.traceback }
        : { kind: 'refused', message },
    );
  }
  await executor.close();
}

// Not awaited: Node.js would warn of a run that waits for nothing, which the main thread tells.
void run();
