import { KedroServerError } from '../errors.ts';
import { createEventQueue } from '../executor/event-queue.ts';
import { createOutputTally } from '../executor/output-tally.ts';
import type { LogLevel, OutputReady, RunEnded, RunError, RunEvent } from '../executor/run-event.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { createValueHiding } from '../redact/hide-values.ts';
import { secretsOfParamsJson } from '../redact/secret-values.ts';
import { describeEnd, type WorkerEnd } from './worker-end.ts';
import type { Worker } from './worker.ts';

/** How long a cancelled run has: to raise `KeyboardInterrupt`, then to end on SIGTERM. */
export interface CancelGrace {
  readonly interruptMs: number;
  readonly terminateMs: number;
}

const interruptEveryMs = 250;

/** One run in a worker. */
export interface WorkerRun {
  readonly events: AsyncIterable<RunEvent>;
  /** Resolves when the worker can do something else, or is gone. */
  readonly done: Promise<void>;
  readonly cancelled: boolean;
  /**
   * How it ended, when its worker died before the run began. Nothing has been done and no event told, so
   * another worker may take the order.
   */
  readonly lost: RunEnded | null;
  /** Ends the run: SIGINT, then SIGTERM, then SIGKILL, as far as it takes. */
  cancel(reason: string, grace: CancelGrace): void;
  add(events: readonly RunEvent[]): void;
  /** Takes the next of an output's JSON; the event of the output has its end. */
  addPart(text: string): void;
  cut(bytes: number): void;
  idle(): void;
  crashed(end: WorkerEnd): void;
}

/** Creates the run `number` of `worker`, which feeds it. */
export function createWorkerRun(
  number: number,
  worker: Worker,
  order: Pick<RunOrder, 'outputs' | 'paramsJson'>,
  outputLimit: number,
): WorkerRun {
  const queue = createEventQueue<RunEvent>();
  const done = Promise.withResolvers<void>();
  const startedAt = performance.now();
  const running = new Set<string>();
  const outputs = createOutputTally(order);
  let parts = '';
  let lastElapsedMs = 0;
  let cancelReason: string | null = null;
  let begun = false;
  let lost: RunEnded | null = null;
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  let press: (() => void) | null = null;

  const elapsedMs = (): number => {
    lastElapsedMs = Math.max(
      lastElapsedMs,
      Math.round((performance.now() - startedAt) * 1000) / 1000,
    );
    return lastElapsedMs;
  };
  const log = (level: LogLevel, message: string): void =>
    queue.push({
      type: 'log',
      elapsedMs: elapsedMs(),
      level,
      logger: null,
      source: 'output',
      message,
      node: running.size === 1 ? ([...running][0] ?? null) : null,
    });
  const finish = (): void => {
    over = true;
    clearTimeout(timer);
    queue.end();
    done.resolve();
  };
  const end = (event: RunEnded): void => {
    if (over) return;
    for (const failed of outputs.rest(event.elapsedMs)) queue.push(failed);
    queue.push(event);
    over = true;
  };
  const takeOutput = (event: OutputReady): void => {
    const json = parts + event.json;
    parts = '';
    // A part more than the worker may send is as bad as a frame that is none.
    checkOutput(json);
    if (outputs.take(event.output)) queue.push({ ...event, json });
  };
  const checkOutput = (json: string): void => {
    if (json.length <= outputLimit) return;
    throw new KedroServerError(
      'protocol-violation',
      `A worker sent an output of more than ${outputLimit} bytes.`,
    );
  };

  return {
    events: queue,
    done: done.promise,
    get cancelled() {
      return cancelReason !== null;
    },
    get lost() {
      return lost;
    },
    cancel(reason, grace) {
      if (cancelReason !== null || over) return;
      cancelReason = reason;
      const begunAt = performance.now();
      press = (): void => {
        clearTimeout(timer);
        const spentMs = performance.now() - begunAt;
        // As Ctrl-C does: also to the processes that the run has started.
        if (spentMs < grace.interruptMs) worker.signal('SIGINT', 'group');
        else if (spentMs < grace.interruptMs + grace.terminateMs) worker.signal('SIGTERM', 'group');
        else worker.signal('SIGKILL', 'group');
        timer = setTimeout(() => press?.(), interruptEveryMs);
      };
      press();
    },
    add(events) {
      // What was sent before the run began has interrupted nothing.
      if (!begun) press?.();
      begun = true;
      for (const event of events) {
        if (over) return;
        lastElapsedMs = Math.max(lastElapsedMs, event.elapsedMs);
        if (event.type === 'node.started') running.add(event.node);
        if (event.type === 'node.finished' || event.type === 'node.failed')
          running.delete(event.node);
        // The worker's clock may be behind ours, which has told of what was cut.
        const timed = { ...event, elapsedMs: lastElapsedMs };
        if (timed.type === 'run.ended') end(toEnded(timed, cancelReason));
        else if (timed.type === 'output.ready') takeOutput(timed);
        else if (timed.type !== 'output.failed' || outputs.take(timed.output)) queue.push(timed);
      }
      if (over) queue.end();
    },
    addPart(text) {
      parts += text;
      checkOutput(parts);
    },
    cut(bytes) {
      if (over) return;
      log(
        'warning',
        `${bytes} bytes of output were cut: the node wrote them without letting Python run`,
      );
    },
    idle() {
      end({
        type: 'run.ended',
        elapsedMs: elapsedMs(),
        durationMs: elapsedMs(),
        status: 'crashed',
        error: {
          type: 'WorkerCrashed',
          message: `The worker gave run ${number} up without saying how it ended.`,
        },
      });
      finish();
    },
    crashed(workerEnd) {
      if (begun && !over && workerEnd.output !== '') {
        // Who has read it for the worker knows the project's secrets, and not those of the run.
        const hide = createValueHiding(secretsOfParamsJson(order.paramsJson));
        const output = hide?.(workerEnd.output) ?? workerEnd.output;
        for (const line of output.replace(/\n$/, '').split('\n')) log('info', line);
      }
      const error: RunError =
        cancelReason === null
          ? { type: 'WorkerCrashed', message: describeEnd(workerEnd, worker.pid, [...running]) }
          : { type: 'RunCancelled', message: cancelReason };
      const event: RunEnded = {
        type: 'run.ended',
        elapsedMs: elapsedMs(),
        durationMs: elapsedMs(),
        status: cancelReason === null ? 'crashed' : 'cancelled',
        error,
      };
      if (begun || cancelReason !== null) end(event);
      else lost = event;
      finish();
    },
  };
}

function toEnded(event: RunEnded, cancelReason: string | null): RunEnded {
  if (cancelReason === null || event.error?.type !== 'KeyboardInterrupt') return event;
  return { ...event, status: 'cancelled', error: { type: 'RunCancelled', message: cancelReason } };
}
