import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { createEventQueue } from '../executor/event-queue.ts';
import type { RunEnded, RunError, RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import type { FromRunProcess, RunProcessStart, ToRunProcess } from './run-process-messages.ts';

/** How long a process may go on beyond the time that its cancelled run has for itself. */
const killMarginMs = 1000;

/** A process that works on one run at a time, and is kept for the next one. */
export class RunProcess {
  readonly #child: ChildProcess;
  readonly #cancelGraceMs: number;
  #run: ProcessRun | null = null;
  #hasEnded = false;
  /** What is to be sent once it listens; null from then on. */
  #unsent: ToRunProcess[] | null;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;

  constructor(start: RunProcessStart) {
    const entry = path.join(
      import.meta.dirname,
      `run-process-entry${path.extname(import.meta.filename)}`,
    );
    this.#cancelGraceMs = start.cancelGraceMs;
    this.#child = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#child
      .on('message', (message: FromRunProcess) => {
        if (message.kind === 'event') this.#run?.take(message.event);
        else this.#begin();
      })
      // It could not be started; 'exit' does not come then.
      .on('error', (error) => this.#end(error.message, resolve))
      .on('exit', (code, signal) => {
        const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
        this.#end(`The process of the run (pid ${this.#child.pid}) ${how}`, resolve);
      });
    this.#unsent = [{ kind: 'start', start }];
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Starts a run; its events are for one reader, and the run does not wait for it. */
  run(order: RunOrder): ProcessRun {
    const run = new ProcessRun(
      () => this.#tell({ kind: 'cancel' }),
      () => this.kill(),
      this.#cancelGraceMs + killMarginMs,
    );
    this.#run = run;
    this.#tell({ kind: 'run', order });
    return run;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #end(how: string, resolve: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#run?.lose(how);
    resolve();
  }

  #begin(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = null;
    for (const message of unsent) this.#tell(message);
  }

  #tell(message: ToRunProcess): void {
    if (this.#unsent !== null) {
      this.#unsent.push(message);
      return;
    }
    // That it is gone is told by its end.
    this.#child.send(message, () => undefined);
  }
}

/** One run in a process. */
export class ProcessRun {
  readonly events = createEventQueue<RunEvent>();
  /** Resolves when the run has ended. */
  readonly done: Promise<void>;
  readonly #cancel: () => void;
  readonly #kill: () => void;
  readonly #killAfterMs: number;
  readonly #startedAt = performance.now();
  readonly #nodes = new Set<string>();
  readonly #end: () => void;
  #timer: NodeJS.Timeout | undefined;
  #stopReason: string | null = null;
  #isOver = false;

  constructor(cancel: () => void, kill: () => void, killAfterMs: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#end = resolve;
    this.#cancel = cancel;
    this.#kill = kill;
    this.#killAfterMs = killAfterMs;
  }

  cancel(reason: string): void {
    if (this.#isOver || this.#stopReason !== null) return;
    this.#stopReason = reason;
    this.#cancel();
    this.#timer = setTimeout(this.#kill, this.#killAfterMs);
  }

  take(event: RunEvent): void {
    if (this.#isOver) return;
    if (event.type === 'node.started') this.#nodes.add(event.node);
    if (event.type === 'node.finished' || event.type === 'node.failed') {
      this.#nodes.delete(event.node);
    }
    this.events.push(event);
    if (event.type === 'run.ended') this.#close();
  }

  /** Its process is gone. */
  lose(how: string): void {
    if (this.#isOver) return;
    const nodes = [...this.#nodes].map((node) => `'${node}'`).join(', ');
    const where = nodes === '' ? '' : ` while running node ${nodes}`;
    const durationMs = performance.now() - this.#startedAt;
    const ended = { type: 'run.ended', elapsedMs: durationMs, durationMs } as const;
    const asStatus = (status: RunEnded['status'], error: RunError): void =>
      this.take({ ...ended, status, error });
    if (this.#stopReason === null) {
      asStatus('crashed', { type: 'WorkerDied', message: `${how}${where}.` });
    } else {
      const message = `${this.#stopReason} It did not stop${where}, and was ended with its process.`;
      asStatus('cancelled', { type: 'RunCancelled', message });
    }
  }

  #close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.events.end();
    this.#end();
  }
}
