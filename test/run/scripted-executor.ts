import { KedroServerError } from '../../src/errors.ts';
import type { RunEndStatus, RunEvent } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import {
  claimsInWorld,
  type MovedRun,
  type WorldExecutor,
  type WorldExecutorOptions,
} from './run-world.ts';
import { projectInfo, tinySnapshot } from '../http/memory-executor.ts';

/**
 * Creates an executor of two runs at once that do nothing but what the world says, and end when
 * they are cancelled, unless they are stubborn.
 */
export function createScriptedExecutor({
  isStubborn,
  onBegin,
}: WorldExecutorOptions): WorldExecutor {
  const running: MovedRun[] = [];
  const begun: string[] = [];
  const drained = Promise.withResolvers<void>();
  let isClosing = false;

  function start(order: RunOrder, wake: () => void): MovedRun & { readonly queue: RunEvent[] } {
    const queue: RunEvent[] = [{ type: 'run.started', elapsedMs: 0 }];
    const push = (event: RunEvent): void => {
      queue.push(event);
      wake();
    };
    const run = {
      order,
      queue,
      tell: (message: string) =>
        push({
          type: 'log',
          elapsedMs: 0,
          level: 'info',
          logger: null,
          source: 'stdout',
          message,
          node: null,
        }),
      end: (status: RunEndStatus) => {
        const at = running.indexOf(run);
        if (at === -1) return;
        running.splice(at, 1);
        const error = status === 'succeeded' ? null : { type: 'Scripted', message: status };
        push({ type: 'run.ended', elapsedMs: 0, durationMs: 1, status, error });
        if (isClosing && running.length === 0) drained.resolve();
      },
    };
    running.push(run);
    onBegin(
      order,
      running.map((each) => each.order),
    );
    return run;
  }

  return {
    capacity: 2,
    running,
    begun,
    open: () => Promise.resolve(projectInfo),
    snapshot: () => Promise.resolve(tinySnapshot),
    claimsOf: claimsInWorld,
    async *execute(order, { signal } = {}) {
      if (isClosing) throw new KedroServerError('executor-closed', 'The executor is closed.');
      begun.push(order.runId);
      let wake = (): void => undefined;
      const run = start(order, () => wake());
      const cancel = (): void => {
        if (!isStubborn(order)) run.end('cancelled');
      };
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) cancel();
      for (;;) {
        const event = run.queue.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        yield event;
        if (event.type === 'run.ended') return;
      }
    },
    abandon: () => Promise.resolve(),
    close: async () => {
      isClosing = true;
      for (const run of [...running]) run.end('cancelled');
      if (running.length === 0) drained.resolve();
      await drained.promise;
    },
  };
}
