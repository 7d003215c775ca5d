import { createKedroExecutor, createNativeExecutor } from '../adapters/node.ts';
import type { Executor } from '../executor/executor.ts';
import type { RunEnded } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { loadProject } from '../nodejs/load-project.ts';
import type { ServedProject } from '../nodejs/served-project.ts';
import { resolveServerSettings, type ServerSettings } from '../nodejs/server-settings.ts';
import { locateProject } from './locate-project.ts';
import type { RunOptions } from './run-options.ts';
import { createRunProgress, type RunProgress, toSeconds } from './run-progress.ts';
import { createStopSignal } from './stop-signal.ts';
import { UsageError } from './usage-error.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs pipelines of a project once and shows it. Resolves to the exit code: 0, 1 when the run
 * failed, 130 or 143 when a signal cancelled it. Throws `UsageError` and `KedroServerError`.
 */
export async function run(options: RunOptions): Promise<number> {
  const project = locateProject(options.project);
  const settings = resolveServerSettings({ ...options, projectPath: project.path });
  using stop = createStopSignal((exitCode) => process.exit(exitCode));
  const abort = new AbortController();
  const stopped = stop.received.then((signal) => {
    process.stderr.write('Cancelling …\n');
    abort.abort();
    return EXIT_CODES[signal];
  });
  // The working directory of Kedro's nodes is the project's.
  process.chdir(project.path);
  const executor = createExecutor(project, settings, options);
  try {
    const exitCode = await Promise.race([executor.open().then(() => null), stopped]);
    if (exitCode !== null) return exitCode;
    const runId = new Date().toISOString().replaceAll(':', '.');
    const { status } = await follow(executor, { ...options.order, runId }, abort);
    if (status === 'succeeded') return 0;
    return status === 'cancelled' ? await stopped : 1;
  } finally {
    await executor.close({ graceMs: 0 });
  }
}

function createExecutor(
  project: ServedProject,
  settings: ServerSettings,
  { python, graceMs: cancelGraceMs }: RunOptions,
): Executor {
  if (project.kind === 'kedro') {
    return createKedroExecutor({ ...settings, python, workers: 1, cancelGraceMs });
  }
  if (python !== undefined) {
    throw new UsageError(
      `Option '--python' is for Kedro projects, but '${project.path}' is a project in TypeScript. Leave it out.`,
    );
  }
  const load = async () => {
    const definition = await loadProject(project.path, settings);
    // Who runs a command may change the project too.
    const trustRuntimeParams = definition.settings?.trustRuntimeParams ?? true;
    return { ...definition, settings: { ...definition.settings, trustRuntimeParams } };
  };
  return createNativeExecutor({ project: load, cancelGraceMs });
}

/** Shows the run until it has ended. */
async function follow(
  executor: Executor,
  order: RunOrder,
  abort: AbortController,
): Promise<RunEnded> {
  using progress = createRunProgress(process.stdout);
  using stall = watchForStall(progress, abort);
  let failedNode: string | null = null;
  for await (const event of executor.execute(order, { signal: abort.signal })) {
    if (event.type === 'node.failed') failedNode = event.node;
    if (event.type !== 'run.ended') progress.show(event);
    else {
      progress[Symbol.dispose]();
      const ended = stall.found === null ? event : { ...event, ...stall.found };
      report(ended, failedNode);
      return ended;
    }
  }
  throw new TypeError('The run has ended without saying so.');
}

interface Stall extends Disposable {
  /** How the run ends then. */
  readonly found: Pick<RunEnded, 'status' | 'error'> | null;
}

/**
 * Cancels the run when nothing is left in the process that could go on: Node.js would end it in
 * the midst of the run, without a word.
 */
function watchForStall(progress: RunProgress, abort: AbortController): Stall {
  let found: Stall['found'] = null;
  const onBeforeExit = (): void => {
    const nodes = progress.running.map((node) => `'${node}'`).join(', ');
    const message = `${nodes === '' ? 'The run' : `Node ${nodes}`} waits for a promise that nothing is left to settle. Look for one that is never resolved or rejected.`;
    found ??= { status: 'failed', error: { type: 'RunStalled', message } };
    abort.abort();
  };
  process.on('beforeExit', onBeforeExit);
  return {
    get found() {
      return found;
    },
    [Symbol.dispose]: () => void process.off('beforeExit', onBeforeExit),
  };
}

function report(ended: RunEnded, failedNode: string | null): void {
  const took = toSeconds(ended.durationMs);
  if (ended.error === null) {
    process.stdout.write(`Succeeded after ${took}\n`);
    return;
  }
  const { type, message } = ended.error;
  const where = failedNode === null ? '' : ` in node '${failedNode}'`;
  process.stderr.write(
    `kedro-server: The run ${ended.status}${where} after ${took}: ${type}: ${message}\n`,
  );
}
