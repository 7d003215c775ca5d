import { KedroServerError, ProjectError } from '../errors.ts';
import type { NoticeListener } from './notice.ts';
import type { Supervisor } from './supervisor.ts';
import type { Worker, WorkerReady } from './worker.ts';

/** A supervisor whose first worker has the project. */
export interface LoadedProject {
  readonly supervisor: Supervisor;
  readonly first: Worker;
  readonly ready: WorkerReady;
}

/** Loads the project's code, again when asked to, and by itself until it can be imported. */
export interface ProjectLoader {
  /** Loads it for the first time. Throws `KedroServerError`. */
  load(): Promise<void>;
  /** Loads it again. What cannot be loaded leaves what was there; the operator is told. */
  reload(reason: string): Promise<void>;
  /** Resolves when what is being loaded now is there, or has failed. */
  settled(): Promise<void>;
  /** Loads no more, and gives up what is being loaded. */
  close(): Promise<void>;
}

const retryMs = { first: 1000, most: 30_000 };

/**
 * Creates a loader. `start` starts a supervisor until its signal aborts; `onLoaded` takes it over.
 * A supervisor that ends by itself is replaced.
 */
export function createProjectLoader(
  start: (signal: AbortSignal) => Promise<Supervisor>,
  onLoaded: (project: LoadedProject) => void,
  onNotice: NoticeListener,
): ProjectLoader {
  const closing = new AbortController();
  let current: Supervisor | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let delayMs = retryMs.first;

  const loadOnce = async (): Promise<WorkerReady> => {
    clearTimeout(timer);
    const supervisor = await start(closing.signal);
    const first = supervisor.startWorker();
    let ready: WorkerReady;
    try {
      ready = await first.ready;
      closing.signal.throwIfAborted();
    } catch (reason) {
      await supervisor.stop();
      throw closing.signal.aborted ? closing.signal.reason : reason;
    }
    current = supervisor;
    onLoaded({ supervisor, first, ready });
    void supervisor.ended.then(() => {
      if (current !== supervisor || closing.signal.aborted) return;
      onNotice({
        level: 'error',
        event: 'supervisor-ended',
        message: 'The parent process of the workers ended by itself and is started again.',
      });
      void reload('its parent process ended');
    });
    if (ready.broken === null) {
      delayMs = retryMs.first;
      return ready;
    }
    const { type, message, traceback } = ready.broken;
    onNotice({
      level: 'error',
      event: 'project-broken',
      message: `The project's pipelines cannot be imported: ${type}: ${message}. Runs fail with this error until it is mended.`,
      details: { traceback },
    });
    retry('its pipelines could not be imported');
    return ready;
  };

  const retry = (reason: string): void => {
    timer = setTimeout(() => void reload(reason), delayMs);
    timer.unref();
    delayMs = Math.min(retryMs.most, delayMs * 2);
  };

  const loadAgain = async (reason: string): Promise<void> => {
    if (closing.signal.aborted) return;
    try {
      const { broken } = await loadOnce();
      if (broken !== null) return;
      const message = `The project was loaded again: ${reason}.`;
      onNotice({ level: 'info', event: 'project-loaded', message });
    } catch (error) {
      if (closing.signal.aborted) return;
      onNotice({
        level: 'error',
        event: 'project-broken',
        message: `The project could not be loaded again (${reason}): ${error instanceof Error ? error.message : String(error)}`,
        details: error instanceof ProjectError ? { traceback: error.traceback } : {},
      });
      retry(reason);
    }
  };

  /** One at a time, so that the code that was read last is the code that stays. */
  const reload = async (reason: string): Promise<void> => {
    const mine = turn.then(async () => loadAgain(reason));
    turn = mine;
    return mine;
  };

  return {
    async load() {
      const mine = turn.then(loadOnce);
      turn = mine.catch(() => undefined);
      await mine;
    },
    reload,
    async settled() {
      await turn;
    },
    async close() {
      clearTimeout(timer);
      closing.abort(new KedroServerError('executor-closed', 'The server is stopping.'));
      await turn;
    },
  };
}
