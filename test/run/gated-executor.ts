import type { Executor } from '../../src/executor/executor.ts';
import type { RunEndStatus } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import type { ConformingExecutor } from '../conformance/executor-suite.ts';
import {
  claimsInWorld,
  type MovedRun,
  type WorldExecutor,
  type WorldExecutorOptions,
} from './run-world.ts';

let gates = 0;

/**
 * Has a real executor run what the world asks for: each run is one of the pipeline `gate`, whose
 * node waits until the world ends it. A run that is to crash is one whose process is killed, where
 * it has one of its own (it says `pid <number>` then).
 */
export function createGatedExecutor(
  real: Pick<ConformingExecutor, 'executor' | 'gateParam' | 'openGate' | 'dispose'>,
  { onBegin }: WorldExecutorOptions,
): WorldExecutor {
  const running: MovedRun[] = [];
  const begun: string[] = [];
  const closed = new Set<string>();

  async function* execute(
    asked: RunOrder,
    options: Parameters<Executor['execute']>[1],
  ): ReturnType<Executor['execute']> & AsyncGenerator {
    gates += 1;
    const gate = `world-${gates}`;
    const order: RunOrder = {
      ...asked,
      pipelineNames: ['gate'],
      tags: null,
      paramsJson: JSON.stringify({ gate: real.gateParam(gate) }),
    };
    let pid: number | null = null;
    const run: MovedRun = {
      order: asked,
      tell: () => undefined,
      end: (status: RunEndStatus) => {
        closed.delete(gate);
        if (status === 'crashed' && pid !== null) process.kill(pid, 'SIGKILL');
        else void real.openGate(gate);
      },
    };
    try {
      for await (const event of real.executor.execute(order, options)) {
        if (event.type === 'run.started') {
          begun.push(asked.runId);
          closed.add(gate);
          running.push(run);
          onBegin(
            asked,
            running.map((each) => each.order),
          );
        }
        // Never 0, which would be this process and all of its group.
        if (event.type === 'log') pid = readPid(event.message) ?? pid;
        if (event.type === 'run.ended') running.splice(running.indexOf(run), 1);
        yield event;
      }
    } finally {
      if (running.includes(run)) running.splice(running.indexOf(run), 1);
    }
  }

  return {
    capacity: real.executor.capacity,
    running,
    begun,
    open: () => real.executor.open(),
    snapshot: (options) => real.executor.snapshot(options),
    claimsOf: claimsInWorld,
    execute: (order, options) => execute(order, options),
    close: (options) => real.executor.close(options),
    abandon: async () => {
      await Promise.all([...closed].map(real.openGate));
      await real.dispose();
    },
  };
}

function readPid(message: string): number | null {
  const [, pid] = /^pid ([1-9]\d*)$/.exec(message) ?? [];
  return pid === undefined ? null : Number(pid);
}
