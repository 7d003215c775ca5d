import { Worker } from 'node:worker_threads';
import { createNativeExecutor } from '../executor/native-executor.ts';
import type { Executor } from '../executor/executor.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { environmentSecrets } from './environment-secrets.ts';
import { createProjectLoader } from './project-loader.ts';
import type { FromRunProcess, RunProcessStart, ToRunProcess } from './run-process-messages.ts';
import { requireTypescriptProject } from './typescript-project.ts';

/** The program of a process that runs pipelines for a worker, one run at a time. */

/** In a thread of its own, since a node may keep the main one busy for ever. */
const endWithParent = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, 250);
`;

let executor: Executor | null = null;
let abort = new AbortController();

function tell(message: FromRunProcess): void {
  process.send?.(message);
}

function start({ parent, projectPath, env, confSource, ...options }: RunProcessStart): void {
  new Worker(endWithParent, { eval: true, workerData: parent }).unref();
  process.chdir(projectPath);
  executor = createNativeExecutor({
    ...options,
    project: createProjectLoader(requireTypescriptProject(projectPath), { env, confSource }),
    secrets: environmentSecrets(),
    concurrency: 1,
  });
}

async function run(order: RunOrder): Promise<void> {
  if (executor === null) throw new Error('This process has not been told of its project.');
  abort = new AbortController();
  for await (const event of executor.execute(order, { signal: abort.signal })) {
    tell({ kind: 'event', event });
  }
}

process.on('message', (message: ToRunProcess) => {
  switch (message.kind) {
    case 'start':
      start(message.start);
      break;
    case 'run':
      void run(message.order);
      break;
    case 'cancel':
      abort.abort();
      break;
  }
});
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches all its processes: what becomes of the runs is the worker's to say.
process.on('SIGINT', () => undefined);
tell({ kind: 'up' });
