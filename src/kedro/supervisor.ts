import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ProjectError, KedroServerError } from '../errors.ts';
import { createLineRedactor, createRedactor } from '../redact/redactor.ts';
import { secretsOfEnvironment } from '../redact/secret-values.ts';
import { createWithheldExplanation } from './explain-withheld.ts';
import { toFrame } from './frames.ts';
import type { NoticeListener } from './notice.ts';
import { parseSupervisorMessage, type SupervisorMessage } from './protocol.ts';
import { createWorker, type Worker, type WorkerControl } from './worker.ts';
import type { WorkerEnvironment } from './worker-environment.ts';
import { watchPulse } from './worker-pulse.ts';
import { openWorkerSocket, type Peer } from './worker-socket.ts';

/** How workers come to be: forks of one process that has imported the project, or fresh interpreters. */
export type WorkerStart = 'fork' | 'spawn';

export interface SupervisorSettings {
  readonly projectPath: string;
  readonly env: string | null;
  readonly confSource: string | null;
  readonly start: WorkerStart;
  /** Every worker's session has this id: to hooks and trackers the server is one session, as Kedro's is. */
  readonly sessionId: string;
  /** Bytes of log that a run may write before the rest is cut. */
  readonly logLimit: number;
  /** UTF-8 bytes of JSON that each output of a run may take. */
  readonly outputLimit: number;
  /** Runtime parameters may do what they may in Kedro, and else lead to these places beside the project. */
  readonly trustParams: boolean;
  readonly paramRoots: readonly string[];
  /** A worker that gave no sign of life and used no processor for so long is ended. */
  readonly heartbeatTimeoutMs: number;
}

/** The process that is started, beside the settings that it is sent. */
export interface SupervisorStart {
  readonly settings: SupervisorSettings;
  readonly environment: WorkerEnvironment;
}

/** The parent process of all workers. */
export interface Supervisor {
  readonly python: string;
  /** Has one more worker started. */
  startWorker(): Worker;
  /** Ends it and all workers that still are. */
  stop(): Promise<void>;
  /** Resolves when it is gone, whatever the reason. */
  readonly ended: Promise<void>;
}

/** An interpreter that cannot serve: what is wrong with it, for the list of what was tried. */
export class UnusablePython extends KedroServerError {
  override readonly name = 'UnusablePython';

  constructor(reason: string, options?: ErrorOptions) {
    super('python-not-found', reason, options);
  }
}

const startScript = fileURLToPath(new URL('../../python/start.py', import.meta.url));
const stderrTailBytes = 8192;
const exitReportMs = 1000;
const lastWordsMs = 200;
const stopMs = 2000;

/**
 * Starts a supervisor with `python`. Throws `UnusablePython` when that interpreter will not do,
 * `ProjectError` when the project cannot be bootstrapped, and the reason of `signal` when that comes first.
 */
export async function startSupervisor(
  python: string,
  { settings, environment }: SupervisorStart,
  onNotice: NoticeListener,
  signal: AbortSignal,
): Promise<Supervisor> {
  signal.throwIfAborted();
  const explanation = createWithheldExplanation(environment.withheld);
  const workers = new Map<number, WorkerControl>();
  const loaded = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let control: Peer | null = null;
  let over = false;
  let count = 0;

  const lose = (number: number, lost: WorkerControl): void => {
    // The supervisor says how the worker ended, unless it has gone itself.
    const timer = setTimeout(
      () => {
        lost.worker.signal('SIGKILL', 'group');
        lost.finished({ code: null, peakBytes: null, output: '' });
        workers.delete(number);
      },
      over ? 0 : exitReportMs,
    );
    void lost.worker.ended.then(() => clearTimeout(timer));
  };

  const onSupervisorMessage = (message: SupervisorMessage): void => {
    switch (message.type) {
      case 'loaded':
        if (message.threads.length > 0) {
          onNotice({
            level: 'warn',
            event: 'threads-before-fork',
            message: `The project starts threads when it is imported (${message.threads.join(', ')}); they do not exist in forked workers. If runs hang, start workers with 'spawn'.`,
          });
        }
        loaded.resolve();
        break;
      case 'failed': {
        const {
          type,
          message: text,
          traceback,
        } = explanation?.error(message.error) ?? message.error;
        loaded.reject(new ProjectError(type, text, traceback));
        break;
      }
      case 'started':
        workers.get(message.worker)?.started(message.pid);
        break;
      case 'ended':
        workers.get(message.worker)?.finished(message);
        workers.delete(message.worker);
        break;
      case 'cut':
        workers.get(message.worker)?.cut(message.bytes);
        break;
    }
  };

  const socket = await openWorkerSocket(
    (peer) => {
      const { hello } = peer;
      if (hello.role === 'supervisor') {
        control = peer;
        const refusal = refuse(hello.kedro);
        if (refusal === null) {
          peer.listen((message) => onSupervisorMessage(parseSupervisorMessage(message)));
          if (settings.start === 'spawn') loaded.resolve();
        } else loaded.reject(new UnusablePython(refusal));
      } else if (hello.role === 'worker') {
        const worker = workers.get(hello.worker);
        if (worker === undefined) return void peer.socket.destroy();
        worker.started(hello.pid);
        worker.connected(peer.socket);
        peer.listen((message) => worker.receive(message));
        peer.socket.on('close', () => lose(hello.worker, worker));
      }
    },
    (error) => onNotice({ level: 'error', event: 'protocol-violation', message: String(error) }),
  );

  const child = spawn(python, [startScript], {
    detached: true,
    env: environment.given,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const redact = createLineRedactor(createRedactor(secretsOfEnvironment(process.env)));
  const tail = collectOutput(child, onNotice, redact);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(`${JSON.stringify({ ...settings, socket: socket.path })}\n`);
  child.once('error', (cause) => {
    loaded.reject(new UnusablePython(`cannot be started: ${cause.message}`, { cause }));
    ended.resolve();
  });
  child.once('exit', (code, killedBy) => {
    const settle = (): void => {
      clearTimeout(timer);
      over = true;
      signalGroup(child);
      const how = `(${killedBy ?? `exit code ${code}`})${tail()}`;
      loaded.reject(
        control === null
          ? new UnusablePython(`ended at the start ${how}`)
          : new KedroServerError(
              'project-broken',
              `Python ended while it imported the project ${how}`,
            ),
      );
      for (const [number, worker] of workers) lose(number, worker);
      ended.resolve();
    };
    // Its last words come with `close`, unless a child of the project has its streams, too.
    const timer = setTimeout(settle, lastWordsMs);
    child.once('close', settle);
  });
  const stopPulse = watchPulse(
    () => [...workers.values()].map(({ worker }) => worker),
    settings.heartbeatTimeoutMs,
    onNotice,
  );
  const released = ended.promise.then(async () => {
    stopPulse();
    await Promise.all([...workers.values()].map(({ worker }) => worker.ended));
    await socket.close();
  });

  const abandon = (): void => loaded.reject(signal.reason);
  signal.addEventListener('abort', abandon, { once: true });
  try {
    await loaded.promise;
  } catch (error) {
    child.kill('SIGKILL');
    await released;
    throw error;
  } finally {
    signal.removeEventListener('abort', abandon);
  }

  return {
    python,
    startWorker() {
      count += 1;
      const number = count;
      const worker = createWorker(number, settings.outputLimit, explanation);
      workers.set(number, worker);
      if (over) lose(number, worker);
      else control?.socket.write(toFrame({ type: 'start', worker: number }));
      return worker.worker;
    },
    async stop() {
      control?.socket.write(toFrame({ type: 'exit' }));
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended.promise;
      clearTimeout(timer);
      for (const { worker } of workers.values()) worker.signal('SIGKILL', 'group');
      await released;
    },
    ended: ended.promise,
  };
}

/** Ends what the project has started when it was imported: it is in the supervisor's group. */
function signalGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // There is nothing, as a rule.
  }
}

const oldestKedro = [1, 4] as const;

function refuse(kedro: string | null): string | null {
  if (kedro === null) return "has no Kedro; install it there with 'pip install kedro'";
  const [major = 0, minor = 0] = kedro.split('.').map(Number);
  if (major > oldestKedro[0] || (major === oldestKedro[0] && minor >= oldestKedro[1])) return null;
  return `has Kedro ${kedro}; kedro-server needs 1.4 or newer: 'pip install --upgrade kedro'`;
}

/** What it writes before it redacts by itself; `redact` is given whole lines. */
function collectOutput(
  child: ChildProcess,
  onNotice: NoticeListener,
  redact: (line: string) => string,
): () => string {
  let tail = '';
  const take = (line: string): void => {
    const message = redact(line);
    tail = `${tail}${message}\n`.slice(-stderrTailBytes);
    onNotice({ level: 'debug', event: 'supervisor-output', message });
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', take);
  }
  return () => (tail.trim() === '' ? '' : `:\n${tail.trim()}`);
}
