import type { RunEnded, RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import type { KedroExecutorOptions } from '../kedro/kedro-executor.ts';
import type { ServedProject } from '../nodejs/served-project.ts';
import { resolveServerSettings, type ServerSettings } from '../nodejs/server-settings.ts';
import { locateProject } from './locate-project.ts';
import { runInThread } from './run-in-thread.ts';
import type { RunOptions } from './run-options.ts';
import { createRunProgress, toSeconds } from './run-progress.ts';
import { createStopSignal } from '../nodejs/stop-signal.ts';
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
  const runId = new Date().toISOString().replaceAll(':', '.');
  const events = execute(project, settings, { ...options.order, runId }, options, abort.signal);
  const { status } = await show(events);
  if (status === 'succeeded') return 0;
  return status === 'cancelled' ? await stopped : 1;
}

/** Runs the order once, whatever kind of project it is of. */
function execute(
  project: ServedProject,
  settings: ServerSettings,
  order: RunOrder,
  { python, graceMs: cancelGraceMs }: RunOptions,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  if (project.kind === 'kedro') {
    // Who runs a command has given it this environment.
    const passEnv = ['*'];
    const pool = { ...settings, python, workers: 1, cancelGraceMs, trustParams: true, passEnv };
    return runInPython(pool, order, signal);
  }
  if (python === undefined) return runInThread({ ...settings, cancelGraceMs, order }, signal);
  throw new UsageError(
    `Option '--python' is for Kedro projects, but '${project.path}' is a project in TypeScript. Leave it out.`,
  );
}

async function* runInPython(
  options: KedroExecutorOptions,
  order: RunOrder,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const { createKedroExecutor } = await import('../kedro/kedro-executor.ts');
  const executor = createKedroExecutor(options);
  try {
    await executor.open();
    yield* executor.execute(order, { signal });
  } finally {
    await executor.close({ graceMs: 0 });
  }
}

/** Shows the run until it has ended. */
async function show(events: AsyncIterable<RunEvent>): Promise<RunEnded> {
  using progress = createRunProgress(process.stdout);
  let failedNode: string | null = null;
  for await (const event of events) {
    if (event.type === 'node.failed') failedNode = event.node;
    if (event.type !== 'run.ended') progress.show(event);
    else {
      progress[Symbol.dispose]();
      report(event, failedNode);
      return event;
    }
  }
  throw new TypeError('The run has ended without saying so.');
}

const verbs = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  crashed: 'crashed',
} as const satisfies Record<RunEnded['status'], string>;

function report(ended: RunEnded, failedNode: string | null): void {
  const took = toSeconds(ended.durationMs);
  if (ended.error === null) {
    process.stdout.write(`Succeeded after ${took}\n`);
    return;
  }
  const { type, message } = ended.error;
  const where = failedNode === null ? '' : ` in node '${failedNode}'`;
  process.stderr.write(
    `kedro-server: The run ${verbs[ended.status]}${where} after ${took}: ${type}: ${message}\n`,
  );
}
