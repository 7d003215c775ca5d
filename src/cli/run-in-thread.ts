import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { ProjectError, ServerSettingsError } from '../errors.ts';
import { createEventQueue } from '../executor/event-queue.ts';
import type { RunEnded, RunEvent } from '../executor/run-event.ts';
import type { ThreadMessage, ThreadTask } from './thread-task.ts';

/** How long the thread may go on beyond the time that it has for itself, before it is ended. */
const terminateAfterMs = 1000;

/**
 * Runs a project in a thread of its own: the main one shows how far it is and hears Ctrl-C also
 * while a node computes without pause, and can end what does not stop. The events are those of
 * `Executor.execute`. Throws `ProjectError` and `ServerSettingsError` when the project cannot be
 * loaded.
 */
export async function* runInThread(
  task: ThreadTask,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const file = new URL(`./run-thread${path.extname(import.meta.filename)}`, import.meta.url);
  const thread = new Worker(file, { workerData: task });
  const queue = createEventQueue<RunEvent>();
  const watch = new ThreadWatch();
  let timer: NodeJS.Timeout | undefined;
  const terminateIn = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void thread.terminate(), delayMs);
  };
  const cancel = (): void => {
    thread.postMessage('cancel', []);
    terminateIn(task.cancelGraceMs + terminateAfterMs);
  };
  thread
    .on('message', (message: ThreadMessage) => {
      switch (message.kind) {
        case 'event':
          watch.see(message.event);
          if (message.event.type === 'run.ended') terminateIn(terminateAfterMs);
          else queue.push(message.event);
          break;
        case 'calling':
          watch.begin(message.node);
          break;
        case 'broken':
          watch.refuse(new ProjectError(message.type, message.message, message.traceback));
          break;
        case 'refused':
          watch.refuse(new ServerSettingsError(message.message));
      }
    })
    .on('error', (error: unknown) => watch.fail(error))
    .on('exit', (exitCode) => {
      clearTimeout(timer);
      queue.push(watch.end(exitCode, signal.aborted));
      queue.end();
    });
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for await (const event of queue) {
      if (watch.refused !== null) throw watch.refused;
      yield event;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    await thread.terminate();
  }
}

/** Knows how a run ends whose thread is gone, whether the run itself has said so or not. */
class ThreadWatch {
  readonly #startedAt = performance.now();
  readonly #running = new Set<string>();
  #ended: RunEnded | null = null;
  #failure: unknown = null;
  #refused: Error | null = null;

  /** Why the project could not be loaded. */
  get refused(): Error | null {
    return this.#refused;
  }

  refuse(error: Error): void {
    this.#refused = error;
  }

  begin(node: string): void {
    this.#running.add(node);
  }

  see(event: RunEvent): void {
    if (event.type === 'node.finished' || event.type === 'node.failed') {
      this.#running.delete(event.node);
    }
    if (event.type === 'run.ended') this.#ended = event;
  }

  fail(error: unknown): void {
    this.#failure = error;
  }

  end(exitCode: number, isCancelled: boolean): RunEnded {
    // What a node has left behind may throw after the run has ended well.
    const isSettled = this.#failure === null || this.#ended?.status !== 'succeeded';
    if (this.#ended !== null && isSettled) return this.#ended;
    const durationMs = performance.now() - this.#startedAt;
    const ended = { type: 'run.ended', elapsedMs: durationMs, durationMs } as const;
    const nodes = [...this.#running].map((node) => `'${node}'`).join(', ');
    const who = nodes === '' ? 'The run' : `Node ${nodes}`;
    if (isCancelled) {
      const message = `${who} did not stop, and was ended with its thread.`;
      return { ...ended, status: 'cancelled', error: { type: 'RunCancelled', message } };
    }
    if (this.#failure instanceof Error) {
      const { name, message } = this.#failure;
      const error = { type: name, message: `${message} (thrown where no node waits for it)` };
      return { ...ended, status: 'crashed', error };
    }
    if (exitCode === 0) {
      const message = `${who} waits for a promise that nothing is left to settle. Look for one that is never resolved or rejected.`;
      return { ...ended, status: 'failed', error: { type: 'RunStalled', message } };
    }
    const message = `${who} has ended the process with exit code ${exitCode}.`;
    return { ...ended, status: 'crashed', error: { type: 'SystemExit', message } };
  }
}
