import type { Executor } from '../../src/executor/executor.ts';
import type { ProjectSnapshot } from '../../src/executor/project-snapshot.ts';
import { KedroServerError, type RunOrder } from '../../src/index.ts';

const SNAPSHOT: ProjectSnapshot = {
  metadata: { projectName: 'Memory', packageName: 'memory', kedroVersion: '1.7.0' },
  pipelines: ['__default__', 'held'].map((name) => ({
    name,
    nodes: [
      {
        name: 'only',
        funcName: 'only',
        namespace: null,
        tags: [],
        inputs: [],
        outputs: ['nothing'],
        source: null,
      },
    ],
    inputs: [],
    outputs: ['nothing'],
  })),
  datasets: {},
  parameters: [],
};

/**
 * A small executor that every runtime can hold. A run of the pipeline `held` lasts until the
 * executor closes, any other one ends at once.
 */
export function createMemoryExecutor(): Executor {
  const closing = Promise.withResolvers<void>();
  let isClosed = false;
  return {
    capacity: 4,
    open: async () => ({ ...SNAPSHOT.metadata, runners: null }),
    snapshot: async () => SNAPSHOT,
    async *execute(order: RunOrder) {
      if (isClosed) throw new KedroServerError('executor-closed', 'The executor is closed.');
      yield { type: 'run.started', elapsedMs: 0 };
      if (order.pipelineNames?.includes('held')) await closing.promise;
      yield { type: 'run.ended', elapsedMs: 1, status: 'succeeded', durationMs: 1, error: null };
    },
    async close() {
      isClosed = true;
      closing.resolve();
    },
  };
}
