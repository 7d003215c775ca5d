import type { Socket } from 'node:net';
import { KedroServerError, ProjectError } from '../errors.ts';
import type { ClaimingOrder } from '../executor/dataset-claims.ts';
import type { ProjectInfo } from '../executor/executor.ts';
import type { RunOrder } from '../executor/run-order.ts';
import type { WithheldExplanation } from './explain-withheld.ts';
import { toFrame } from './frames.ts';
import {
  parseWorkerMessage,
  type Failure,
  type SnapshotAnswer,
  type UsedAnswer,
} from './protocol.ts';
import { describeEnd, type WorkerEnd } from './worker-end.ts';
import { createWorkerRun, type WorkerRun } from './worker-run.ts';

export interface WorkerReady {
  readonly project: ProjectInfo;
  /** Why the project's pipelines cannot be imported, or null when they can. */
  readonly broken: Failure | null;
}

/** A worker process as the server sees it. It does one thing at a time. */
export interface Worker {
  readonly number: number;
  /** Null until the supervisor has started it. */
  readonly pid: number | null;
  readonly runs: number;
  /** Resident memory in bytes, as last heard. */
  readonly residentBytes: number;
  /** `performance.now()` of the last sign of life. */
  readonly heardAt: number;
  /** Rejects with `KedroServerError` when it cannot serve the project, or ends before it can. */
  readonly ready: Promise<WorkerReady>;
  readonly ended: Promise<WorkerEnd>;
  readonly alive: boolean;
  /** Starts a run. It must be ready, and doing nothing else. */
  run(order: RunOrder): WorkerRun;
  snapshot(params: string | null): Promise<SnapshotAnswer>;
  /** Asks what a run would read and write. */
  used(order: ClaimingOrder): Promise<UsedAnswer>;
  /** Asks it to end when it has done what it does. */
  retire(): void;
  /** Sends a signal to it, or to it and all its children. */
  signal(name: NodeJS.Signals, target: 'process' | 'group'): void;
  /** Kills it and its children. `reason` goes on after "The worker process". */
  giveUp(reason: string): void;
}

/** The side of a worker that its supervisor feeds. */
export interface WorkerControl {
  readonly worker: Worker;
  started(pid: number): void;
  connected(socket: Socket): void;
  receive(message: unknown): void;
  cut(bytes: number): void;
  finished(end: WorkerEnd): void;
}

const lateMs = 250;

/** Creates the server's picture of the worker `number`, which its supervisor has been asked to start. */
export function createWorker(
  number: number,
  outputLimit: number,
  explanation: WithheldExplanation | null = null,
): WorkerControl {
  const explain = <T extends Failure>(error: T): T => explanation?.error(error) ?? error;
  const ready = Promise.withResolvers<WorkerReady>();
  const ended = Promise.withResolvers<WorkerEnd>();
  ready.promise.catch(() => undefined);
  let pid: number | null = null;
  let socket: Socket | null = null;
  let runs = 0;
  let residentBytes = 0;
  let heardAt = performance.now();
  let over = false;
  let current: WorkerRun | null = null;
  let answerSnapshot: ((answer: SnapshotAnswer) => void) | null = null;
  let answerUsed: ((answer: UsedAnswer) => void) | null = null;
  let requests = 0;
  let givenUp: string | null = null;

  async function ask<T>(
    question: Readonly<Record<string, unknown>>,
    expect: (resolve: (answer: T) => void) => void,
  ): Promise<T> {
    requests += 1;
    const answered = new Promise<T>(expect);
    socket?.write(toFrame({ ...question, request: requests }));
    return Promise.race([
      answered,
      ended.promise.then((end) => {
        throw new KedroServerError('snapshot-failed', describeEnd(end));
      }),
    ]);
  }

  const worker: Worker = {
    number,
    get pid() {
      return pid;
    },
    get runs() {
      return runs;
    },
    get residentBytes() {
      return residentBytes;
    },
    get heardAt() {
      return heardAt;
    },
    ready: ready.promise,
    ended: ended.promise,
    get alive() {
      return !over;
    },
    run(order) {
      runs += 1;
      heardAt = performance.now();
      current = createWorkerRun(runs, worker, order, outputLimit);
      const { inputsJson = null, inputKinds = null, outputs = null } = order;
      const request = { ...order, inputsJson, inputKinds, outputs };
      socket?.write(toFrame({ type: 'run', run: runs, request }));
      if (over) void ended.promise.then((end) => current?.crashed(end));
      return current;
    },
    async snapshot(params) {
      return ask({ type: 'snapshot', params }, (resolve) => {
        answerSnapshot = resolve;
      });
    },
    async used(order) {
      return ask({ type: 'used', order }, (resolve) => {
        answerUsed = resolve;
      });
    },
    retire() {
      socket?.write(toFrame({ type: 'exit' }));
    },
    signal(name, target) {
      if (pid === null || over) return;
      try {
        process.kill(target === 'group' ? -pid : pid, name);
      } catch {
        // It has gone in this moment; `ended` tells.
      }
    },
    giveUp(reason) {
      givenUp = reason;
      worker.signal('SIGKILL', 'group');
    },
  };

  return {
    worker,
    started(startedPid) {
      pid = startedPid;
    },
    connected(connection) {
      socket = connection;
      heardAt = performance.now();
    },
    receive(unparsed) {
      heardAt = performance.now();
      const message = parseWorkerMessage(unparsed);
      switch (message.type) {
        case 'ready':
          ready.resolve({
            project: message.project,
            broken: message.broken && explain(message.broken),
          });
          break;
        case 'failed':
          ready.reject(toProjectError(explain(message.error)));
          break;
        case 'heartbeat':
          residentBytes = message.rss;
          break;
        case 'events':
          if (message.run === runs) {
            const { events } = message;
            current?.add(explanation === null ? events : events.map(explanation.event));
          }
          break;
        case 'part':
          if (message.run === runs) current?.addPart(message.text);
          break;
        case 'idle': {
          residentBytes = message.rss;
          const done = current;
          current = null;
          done?.idle();
          break;
        }
        case 'snapshot':
          if (message.request === requests) {
            const { error } = message;
            answerSnapshot?.({ ...message, error: error && explain(error) });
          }
          break;
        case 'used':
          if (message.request === requests) answerUsed?.(message);
          break;
      }
    },
    cut(bytes) {
      current?.cut(bytes);
    },
    finished(seen) {
      if (over) return;
      over = true;
      const end = givenUp === null ? seen : { ...seen, reason: givenUp };
      const settle = (): void => {
        clearTimeout(timer);
        ready.reject(new KedroServerError('project-broken', describeEnd(end)));
        socket?.destroy();
        current?.crashed(end);
        current = null;
        ended.resolve(end);
      };
      // What it sent before it ended comes another way than the news of its end, and may be behind that.
      const timer = setTimeout(settle, socket === null || socket.closed ? 0 : lateMs);
      socket?.once('close', settle);
    },
  };
}

function toProjectError({ type, message, traceback }: Failure): ProjectError {
  return new ProjectError(type, message, traceback);
}
