import { AcceptedRuns } from './accepted-runs.ts';
import { executorClosed } from './executor-closed.ts';
import { notBegun } from './not-begun.ts';
import { requireConcurrency } from './require-concurrency.ts';
import type { Executor } from './executor.ts';
import type { RemoteRun } from './remote-events.ts';
import { startRemoteKedroRun } from './remote-kedro-run.ts';
import { createRemoteLink, type RemoteLinkOptions } from './remote-link.ts';
import { createProjectReader } from './remote-project.ts';
import { startRemoteRun } from './remote-run.ts';
import { type RemoteTarget, RemoteTargets } from './remote-targets.ts';
import type { RunEvent } from './run-event.ts';
import type { RunOrder } from './run-order.ts';

export interface RemoteExecutorOptions extends RemoteLinkOptions {
  /**
   * Addresses of the servers, with the path that each is mounted at: other kedro-servers, or
   * Kedro's own. All serve the same project; each run goes to the one with most room.
   */
  readonly url: string | readonly string[];
  /**
   * Runs that are given to each server at once; more wait here. Default: what the server says
   * that it runs at once, and 1 for Kedro's own, which does not keep runs apart.
   */
  readonly concurrency?: number | undefined;
  /** How long an answer may take that is no stream and no run of Kedro's own server; 30,000. */
  readonly answerWithinMs?: number | undefined;
  /** How long a submission is tried while a server is full, stopping or not there; 30,000. */
  readonly submitForMs?: number | undefined;
  /** How long a run that has begun is looked for when its server is not there; 60,000. */
  readonly lostAfterMs?: number | undefined;
  /** Silence after which a stream of events counts as dead; 45,000, three heartbeats. */
  readonly silenceMs?: number | undefined;
  /** How long `close()` lets runs go on before it cancels them; default: without limit. */
  readonly stopGraceMs?: number | undefined;
  /** How long a run that `close()` has cancelled has to tell its end; 10,000. */
  readonly cancelGraceMs?: number | undefined;
}

function createTargets(options: RemoteExecutorOptions, answerWithinMs: number): RemoteTargets {
  const { url, concurrency } = options;
  const urls = typeof url === 'string' ? [url] : url;
  requireConcurrency(concurrency);
  const targets = urls.map((each) => {
    const link = createRemoteLink(each, options);
    return { link, reader: createProjectReader(link, answerWithinMs) };
  });
  return new RemoteTargets(targets, concurrency);
}

/**
 * Creates an executor that gives runs to other servers, from every runtime that has `fetch`. Throws
 * `ServerSettingsError`. What it calls throws `RemoteError` when a server cannot be used.
 */
export function createRemoteExecutor(options: RemoteExecutorOptions): Executor {
  const limits = {
    answerWithinMs: options.answerWithinMs ?? 30_000,
    submitForMs: options.submitForMs ?? 30_000,
    lostAfterMs: options.lostAfterMs ?? 60_000,
    silenceMs: options.silenceMs ?? 45_000,
  };
  const targets = createTargets(options, limits.answerWithinMs);
  const running = new Set<RemoteRun>();
  const stopping = new AbortController();
  const accepted = new AcceptedRuns();
  let closing: Promise<void> | null = null;

  const begin = ({ link, project }: RemoteTarget, order: RunOrder): RemoteRun =>
    project?.kind === 'kedro'
      ? startRemoteKedroRun(link, order)
      : startRemoteRun(link, order, limits);

  const drain = async (graceMs = options.stopGraceMs): Promise<void> => {
    let abandoning: ReturnType<typeof setTimeout> | undefined;
    const abandonAll = (): void => {
      for (const run of running) run.abandon('The server was stopped before the run had ended.');
    };
    const cancelAll = (): void => {
      stopping.abort(new Error('The server was stopped.'));
      abandoning = setTimeout(abandonAll, options.cancelGraceMs ?? 10_000);
    };
    await accepted.drain(graceMs, cancelAll);
    clearTimeout(abandoning);
  };

  return {
    get capacity() {
      return targets.capacity;
    },
    figures: [
      {
        name: 'remote_servers_there',
        help: 'Servers that runs are given to and that were there when last asked.',
        type: 'gauge',
        read: () => targets.there,
      },
    ],
    open: async () => {
      if (closing !== null) throw executorClosed();
      return targets.open();
    },
    snapshot: async ({ params }) => {
      if (closing !== null) throw executorClosed();
      return targets.ask(async (target) => {
        const { reader, project, running: busy } = target;
        if (project?.kind !== 'kedro') return reader.snapshot(params);
        // In Kedro's own server a snapshot changes the parameters that a run in hand interpolates.
        const last = busy > 0 ? reader.lastSnapshot(params) : null;
        if (last !== null) return last;
        await targets.acquire(stopping.signal, target);
        return reader.snapshot(params).finally(() => targets.release(target));
      });
    },
    async *execute(order, { signal } = {}): AsyncGenerator<RunEvent> {
      if (closing !== null) throw executorClosed();
      accepted.enter();
      const signals = signal === undefined ? [stopping.signal] : [stopping.signal, signal];
      let target: RemoteTarget;
      try {
        signal?.throwIfAborted();
        await targets.open();
        target = await targets.acquire(AbortSignal.any(signals));
      } catch (error) {
        // Before the event: its reader may stay away for ever.
        accepted.leave();
        yield notBegun(
          error,
          signals.some(({ aborted }) => aborted),
        );
        return;
      }
      const run = begin(target, order);
      running.add(run);
      const cancel = (): void => run.cancel();
      for (const each of signals) each.addEventListener('abort', cancel, { once: true });
      if (signals.some(({ aborted }) => aborted)) cancel();
      void run.done.then(() => {
        for (const each of signals) each.removeEventListener('abort', cancel);
        running.delete(run);
        targets.release(target);
        accepted.leave();
      });
      try {
        yield* run.events;
      } finally {
        // A reader that stops reading no longer wants the run.
        cancel();
      }
    },
    close: async ({ graceMs } = {}) => {
      closing ??= drain(graceMs);
      return closing;
    },
  };
}
