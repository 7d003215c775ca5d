import type { Client, Run, RunEvent } from '../client/index.ts';
import type { RunEvent as ShownEvent } from '../executor/run-event.ts';
import { toOutcome, toPrintable } from './describe-run.ts';
import { createRunProgress } from './run-progress.ts';
import { createStopSignal } from '../nodejs/stop-signal.ts';

export interface WatchOptions {
  readonly id: string;
  readonly json: boolean;
  /** Ctrl-C cancels the run; otherwise it is left running. */
  readonly cancelOnInterrupt: boolean;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Shows what a run does until it has ended, over connections that break. Resolves to the exit
 * code: 0 when it succeeded, 1 when it did not, 130 or 143 when a signal ended the watching.
 */
export async function watchRun(client: Client, options: WatchOptions): Promise<number> {
  const { id, json, cancelOnInterrupt } = options;
  const found = await client.get(id);
  using stop = createStopSignal((exitCode) => process.exit(exitCode));
  const leave = new AbortController();
  const stopped = stop.received.then(async (signal) => {
    if (cancelOnInterrupt) {
      process.stderr.write('Cancelling …\n');
      await client.cancel(id).catch(() => undefined);
    } else {
      leave.abort();
    }
    return EXIT_CODES[signal];
  });
  if (!json) process.stdout.write(toHeading(found));
  try {
    await follow(client, options, leave.signal);
  } catch (error) {
    if (!leave.signal.aborted) throw error;
    process.stderr.write(
      `Run ${id} goes on. 'kedro-server runs watch ${id}' shows it again, 'kedro-server runs cancel ${id}' ends it.\n`,
    );
    return await stopped;
  }
  const run = await client.get(id);
  if (run.status === 'succeeded') {
    if (!json) process.stdout.write(`${toOutcome(run)}\n`);
    return 0;
  }
  if (!json) process.stderr.write(`kedro-server: ${toOutcome(run)}\n`);
  return 1;
}

function toHeading({ id, status, queue }: Run): string {
  const place = queue === null ? '' : `, as number ${queue.position} of those that wait`;
  return `Run ${id} (${status}${place})\n`;
}

async function follow(
  client: Client,
  { id, json }: WatchOptions,
  signal: AbortSignal,
): Promise<void> {
  using progress = createRunProgress(process.stdout);
  let isLost = false;
  const onReconnect = (cause: unknown): void => {
    if (isLost) return;
    isLost = true;
    process.stderr.write(
      `The connection was lost (${cause instanceof Error ? cause.message : String(cause)}): trying again …\n`,
    );
  };
  for await (const event of client.follow(id, { signal, onReconnect })) {
    isLost = false;
    if (json) {
      process.stdout.write(`${JSON.stringify(event)}\n`);
      continue;
    }
    const shown = toShown(event);
    if (shown !== null) progress.show(shown);
  }
}

/** What the progress display knows of, as executors tell it. */
function toShown(event: RunEvent): ShownEvent | null {
  switch (event.type) {
    case 'run.planned':
      return { type: event.type, elapsedMs: event.elapsed_ms, nodes: event.nodes };
    case 'node.started':
      return { type: event.type, elapsedMs: event.elapsed_ms, node: toPrintable(event.node) };
    case 'node.finished': {
      const { type, elapsed_ms: elapsedMs, node, duration_ms: durationMs } = event;
      return { type, elapsedMs, node: toPrintable(node), durationMs };
    }
    case 'node.failed': {
      const { type, elapsed_ms: elapsedMs, node, error } = event;
      const message = toPrintable(error.message);
      return { type, elapsedMs, node: toPrintable(node), error: { type: error.type, message } };
    }
    case 'log': {
      const { type, elapsed_ms: elapsedMs, level, logger, source, message, node } = event;
      return {
        type,
        elapsedMs,
        level,
        logger,
        source,
        message: toPrintable(message),
        node: node === null ? null : toPrintable(node),
      };
    }
    case 'run.queued':
    case 'run.started':
    case 'run.cancelling':
    case 'dataset.loaded':
    case 'dataset.saved':
    case 'output.ready':
    case 'output.failed':
    case 'run.ended':
      return null;
  }
}
