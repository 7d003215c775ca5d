import { createEventQueue, type EventQueue } from './event-queue.ts';
import { createOutputTally, type OutputTally } from './output-tally.ts';
import type { LogLevel, RunEndStatus, RunError, RunEvent } from './run-event.ts';
import type { RunOrder } from './run-order.ts';

/** A run on another server. */
export interface RemoteRun {
  /** For one reader; the run does not wait for it. */
  readonly events: AsyncIterable<RunEvent>;
  /** Resolves when the run has ended, or nothing more will be heard of it. */
  readonly done: Promise<void>;
  /** Asks it to stop; asking again is the same. */
  cancel(): void;
  /** Ends it here, whatever becomes of it there. */
  abandon(reason: string): void;
}

/** Tells a run's events: times never go back, outputs are told once, and the end is the last. */
export class RemoteEvents {
  readonly queue: EventQueue<RunEvent> = createEventQueue();
  readonly ended = Promise.withResolvers<void>();
  readonly #outputs: OutputTally;
  readonly #beganAt = performance.now();
  #elapsedMs = 0;
  #hasStarted = false;
  #isOver = false;

  constructor(order: RunOrder) {
    this.#outputs = createOutputTally(order);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push(event: Exclude<RunEvent, { type: 'run.ended' }>): void {
    if (event.type === 'output.ready' || event.type === 'output.failed') {
      if (!this.#outputs.take(event.output)) return;
    }
    if (event.type === 'run.started') this.#hasStarted = true;
    this.#elapsedMs = Math.max(this.#elapsedMs, event.elapsedMs);
    this.queue.push({ ...event, elapsedMs: this.#elapsedMs });
  }

  start(): void {
    this.push({ type: 'run.started', elapsedMs: 0 });
  }

  /** A line of this server's own about the run. */
  note(level: LogLevel, message: string): void {
    const from = { logger: 'kedro_server.remote', source: 'logging', node: null } as const;
    this.push({ type: 'log', elapsedMs: this.#elapsedMs, level, message, ...from });
  }

  /** Ends it as it was told. */
  end(status: RunEndStatus, error: RunError | null, elapsedMs: number, durationMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
    if (this.#hasStarted) {
      for (const failed of this.#outputs.rest(this.#elapsedMs)) this.queue.push(failed);
    }
    const elapsed = { elapsedMs: this.#elapsedMs, durationMs };
    this.queue.push({ type: 'run.ended', ...elapsed, status, error });
    this.queue.end();
    this.ended.resolve();
  }

  /** Ends it by this server's own clock. */
  endHere(status: Exclude<RunEndStatus, 'succeeded'>, type: string, message: string): void {
    const elapsedMs = this.#hasStarted ? performance.now() - this.#beganAt : 0;
    this.end(status, { type, message }, elapsedMs, elapsedMs);
  }
}
