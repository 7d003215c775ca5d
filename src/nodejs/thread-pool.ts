import type { ProjectLocation } from '../project/define-project.ts';
import { ProjectThread, type ThreadLimits } from './project-thread.ts';

export interface ThreadPoolOptions extends ThreadLimits {
  readonly location: ProjectLocation;
  /** Threads at once, for all runs together. */
  readonly maxThreads: number;
  /** How long a thread without work is kept. */
  readonly idleMs: number;
}

interface IdleThread {
  readonly thread: ProjectThread;
  readonly timer: NodeJS.Timeout;
}

/**
 * Threads of one project, for one node each. They are kept for the next node, of whichever run:
 * what a module remembers is there in later runs, as it is in a process that runs everything
 * itself. None of them keeps the process from ending while it is idle.
 */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #idle: IdleThread[] = [];
  readonly #waiting = new Set<() => void>();
  #count = 0;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /**
   * Takes a thread, with the project loaded; rejects with the reason when the signal is aborted
   * first, and with what the thread says when it cannot load the project.
   */
  async acquire(signal: AbortSignal): Promise<ProjectThread> {
    signal.throwIfAborted();
    while (this.#idle.length === 0 && this.#count >= this.#options.maxThreads) {
      await this.#turn(signal);
    }
    const thread = this.#takeIdle() ?? this.#start();
    try {
      await untilAborted(thread.ready, signal);
    } catch (error) {
      void thread.terminate();
      throw error;
    }
    return thread;
  }

  /** Takes a thread back that has no work. */
  release(thread: ProjectThread): void {
    thread.listen(null);
    if (thread.hasEnded) return;
    thread.holdProcess(false);
    const timer = setTimeout(() => this.#drop(thread), this.#options.idleMs);
    timer.unref();
    this.#idle.push({ thread, timer });
    this.#wakeNext();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    this.#waiting.add(turn.resolve);
    const leave = (): void => turn.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await turn.promise;
    } finally {
      this.#waiting.delete(turn.resolve);
      signal.removeEventListener('abort', leave);
    }
  }

  #takeIdle(): ProjectThread | undefined {
    const last = this.#idle.pop();
    if (last === undefined) return undefined;
    clearTimeout(last.timer);
    last.thread.holdProcess(true);
    return last.thread;
  }

  #start(): ProjectThread {
    this.#count += 1;
    const thread = new ProjectThread(this.#options.location, this.#options);
    void thread.ended.then(() => {
      this.#count -= 1;
      const place = this.#idle.findIndex((each) => each.thread === thread);
      for (const { timer } of place === -1 ? [] : this.#idle.splice(place, 1)) clearTimeout(timer);
      this.#wakeNext();
    });
    return thread;
  }

  #drop(thread: ProjectThread): void {
    const place = this.#idle.findIndex((each) => each.thread === thread);
    if (place !== -1) this.#idle.splice(place, 1);
    void thread.terminate();
  }

  #wakeNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next();
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
