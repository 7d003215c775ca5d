import { KedroServerError } from '../../src/errors.ts';
import type { ExecuteOptions, Executor, ProjectInfo } from '../../src/executor/executor.ts';
import type { ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import type { RunError, RunEvent } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';

export const projectInfo: ProjectInfo = {
  projectName: 'Tiny',
  packageName: 'tiny',
  kedroVersion: '1.7.0',
  runners: null,
};

export const tinySnapshot: ProjectSnapshot = {
  metadata: { projectName: 'Tiny', packageName: 'tiny', kedroVersion: '1.6.0' },
  pipelines: [
    {
      name: '__default__',
      nodes: [
        {
          name: 'double',
          funcName: 'double',
          namespace: null,
          tags: ['a', 'b'],
          inputs: ['numbers', 'params:factor'],
          outputs: ['doubled'],
          source: { filepath: 'src/tiny/pipeline_registry.py', lineStart: 3, lineEnd: 4 },
        },
        {
          name: 'ns.total',
          funcName: '<lambda>',
          namespace: 'ns',
          tags: [],
          inputs: ['doubled'],
          outputs: ['total'],
          source: null,
        },
      ],
      inputs: ['numbers', 'params:factor'],
      outputs: ['total'],
    },
  ],
  datasets: {
    numbers: { name: 'numbers', type: 'json.JSONDataset', filepath: 'data/numbers.json' },
    total: { name: 'total', type: 'MemoryDataset', filepath: null },
  },
  parameters: ['factor'],
};

/** What a run of this executor does: it ends by itself, or when the test lets it. */
export interface MemoryRun {
  /** Resolves when the run may start; at once when not given. */
  readonly mayStart?: Promise<unknown>;
  /** Resolves when the run may end; at once when not given. */
  readonly mayEnd?: Promise<unknown>;
  readonly durationMs?: number;
  readonly error?: RunError;
}

export interface MemoryExecutorOptions {
  /** Opens the project; resolves to be tried once for each attempt. */
  readonly open?: () => Promise<ProjectInfo>;
  readonly snapshot?: (params: string | null) => Promise<ProjectSnapshot>;
  readonly run?: (order: RunOrder) => MemoryRun;
}

/** An executor without a project: its runs do nothing, in the order in which they came. */
export interface MemoryExecutor extends Executor {
  readonly orders: readonly RunOrder[];
  /** Params of the snapshots that were asked for. */
  readonly snapshots: readonly (string | null)[];
  readonly openCount: number;
  readonly isClosed: boolean;
}

export function createMemoryExecutor(options: MemoryExecutorOptions = {}): MemoryExecutor {
  const {
    open = () => Promise.resolve(projectInfo),
    snapshot = () => Promise.resolve(tinySnapshot),
    run = (): MemoryRun => ({}),
  } = options;
  const orders: RunOrder[] = [];
  const snapshots: (string | null)[] = [];
  const running = new Set<Promise<void>>();
  let openCount = 0;
  let isClosing = false;
  let isClosed = false;
  let closed: Promise<void> | null = null;

  function checkOpen(): void {
    if (isClosing) throw new KedroServerError('executor-closed', 'The executor has been closed.');
  }

  async function* execute(order: RunOrder, { signal }: ExecuteOptions): AsyncIterable<RunEvent> {
    checkOpen();
    orders.push(order);
    const ended = Promise.withResolvers<void>();
    running.add(ended.promise);
    try {
      const { mayStart, mayEnd, durationMs = 12.345, error = null } = run(order);
      const cancelled = new Promise<'cancelled'>((resolve) => {
        if (signal?.aborted === true) resolve('cancelled');
        signal?.addEventListener('abort', () => resolve('cancelled'), { once: true });
      });
      const cancel = () => ({
        type: 'run.ended' as const,
        status: 'cancelled' as const,
        elapsedMs: 0,
        durationMs: 0,
        error: { type: 'RunCancelled', message: 'The run was cancelled.' },
      });
      if ((await Promise.race([cancelled, mayStart])) === 'cancelled') {
        yield cancel();
        return;
      }
      yield { type: 'run.started', elapsedMs: 0 };
      if ((await Promise.race([cancelled, mayEnd])) === 'cancelled') {
        yield cancel();
        return;
      }
      const status = error === null ? 'succeeded' : 'failed';
      yield { type: 'run.ended', status, elapsedMs: durationMs, durationMs, error };
    } finally {
      ended.resolve();
      running.delete(ended.promise);
    }
  }

  return {
    capacity: 4,
    orders,
    snapshots,
    get openCount() {
      return openCount;
    },
    get isClosed() {
      return isClosed;
    },
    open: () => {
      openCount += 1;
      return open();
    },
    snapshot: async ({ params }) => {
      checkOpen();
      snapshots.push(params);
      return await snapshot(params);
    },
    execute: (order, executeOptions = {}) => execute(order, executeOptions),
    close: () => {
      isClosing = true;
      closed ??= Promise.all(running).then(() => {
        isClosed = true;
      });
      return closed;
    },
  };
}
