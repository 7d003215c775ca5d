import { Worker } from 'node:worker_threads';
import path from 'node:path';
import type { ProjectLocation } from '../project/define-project.ts';
import { RunnerError } from '../runner/runner-error.ts';
import { fromThreadError } from './thread-error.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

export interface ThreadLimits {
  /** Memory that JavaScript objects of one thread may take before it is ended. */
  readonly maxMemoryBytes?: number | undefined;
}

const memoryCheckMs = 100;

type Message = Exclude<FromThread, { readonly type: 'ready' | 'broken' }>;

/** A worker thread that has loaded a project and works on one node at a time. */
export class ProjectThread {
  /** Resolves when the project is loaded; rejects when it cannot be, or the thread ends. */
  readonly ready: Promise<void>;
  /** Resolves when the thread has ended, with what ended it. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #maxMemoryBytes: number | undefined;
  #memoryTimer: NodeJS.Timeout | undefined;
  #why: string | undefined;
  #onMessage: ((message: Message) => void) | null = null;
  #hasEnded = false;

  constructor(location: ProjectLocation, { maxMemoryBytes }: ThreadLimits) {
    const entry = new URL(`./thread-entry${path.extname(import.meta.filename)}`, import.meta.url);
    const workerData: ThreadStart = { location };
    this.#worker = new Worker(entry, { workerData });
    this.#maxMemoryBytes = maxMemoryBytes;
    const ready = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<string>();
    this.ready = ready.promise;
    this.ended = ended.promise;
    this.#worker.on('message', (message: FromThread) => {
      if (message.type === 'ready') ready.resolve();
      else if (message.type === 'broken') ready.reject(fromThreadError(message.error));
      else this.#onMessage?.(message);
    });
    this.#worker.on('error', (error) => {
      this.#why ??= describeError(error);
    });
    this.#worker.on('exit', (code) => {
      this.#hasEnded = true;
      clearInterval(this.#memoryTimer);
      const reason = this.#why ?? `it called process.exit(${code})`;
      ended.resolve(reason);
      ready.reject(threadEnded('A thread ended before it had loaded the project', reason));
    });
    this.ready.catch(() => undefined);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Hears what the thread says until the next call; null where it has no work. */
  listen(onMessage: ((message: Message) => void) | null): void {
    this.#onMessage = onMessage;
    clearInterval(this.#memoryTimer);
    const limit = this.#maxMemoryBytes;
    if (onMessage === null || limit === undefined) return;
    this.#memoryTimer = setInterval(() => void this.#checkMemory(limit), memoryCheckMs);
  }

  /** V8's own limit would end the whole process where memory is taken fast. */
  async #checkMemory(limit: number): Promise<void> {
    const heap = await this.#worker.getHeapStatistics().catch(() => null);
    if (heap === null || heap.used_heap_size <= limit) return;
    this.#why ??= `it used more memory than its limit of ${Math.round(limit / 2 ** 20)} MiB`;
    await this.terminate();
  }

  post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Whether the thread alone keeps the process from ending. */
  holdProcess(isHeld: boolean): void {
    if (isHeld) this.#worker.ref();
    else this.#worker.unref();
  }

  async terminate(): Promise<void> {
    clearInterval(this.#memoryTimer);
    this.#onMessage = null;
    await this.#worker.terminate();
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}, which nobody caught`;
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it ran out of memory';
  return `nobody caught ${error.name}: ${error.message}`;
}

export function threadEnded(what: string, reason: string): RunnerError {
  return new RunnerError('thread-ended', `${what}: ${reason}. Other threads and runs go on.`);
}
