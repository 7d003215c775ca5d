import type { ExecuteOptions, Executor } from '../../src/executor/executor.ts';
import type { RunEnded, RunEvent, RunLog } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';

/** A run that is read to its end, in the background. */
export interface WatchedRun {
  /** What has come so far, in order. */
  readonly events: readonly RunEvent[];
  /** The first event, past or future, that is so; rejects when the run ends without it. */
  event(isIt: (event: RunEvent) => boolean): Promise<RunEvent>;
  /** The first line whose message matches; rejects when the run ends without it. */
  line(message: RegExp): Promise<RunLog>;
  /** The last event, when the run's events have come to their end. */
  readonly ended: Promise<RunEnded>;
}

/** Starts `order` and reads its events. */
export function watchRun(
  executor: Executor,
  order: RunOrder,
  options?: ExecuteOptions,
): WatchedRun {
  const events: RunEvent[] = [];
  const lookers = new Set<() => void>();
  let isOver = false;
  const read = async (): Promise<RunEnded> => {
    try {
      for await (const event of executor.execute(order, options)) {
        events.push(event);
        for (const look of lookers) look();
      }
    } finally {
      isOver = true;
      for (const look of lookers) look();
    }
    const last = events.at(-1);
    if (last?.type !== 'run.ended') throw new Error(`the last event is ${JSON.stringify(last)}`);
    return last;
  };
  const ended = read();
  ended.catch(() => {});

  const event = async (isIt: (event: RunEvent) => boolean): Promise<RunEvent> => {
    const { promise, resolve, reject } = Promise.withResolvers<RunEvent>();
    const look = (): void => {
      const found = events.find(isIt);
      if (found !== undefined) resolve(found);
      else if (isOver) reject(new Error(`the run ended without it: ${JSON.stringify(events)}`));
    };
    lookers.add(look);
    look();
    try {
      return await promise;
    } finally {
      lookers.delete(look);
    }
  };
  return {
    events,
    event,
    line: async (message) =>
      (await event((each) => each.type === 'log' && message.test(each.message))) as RunLog,
    ended,
  };
}

/** Runs `order` to its end and returns its events. */
export async function runToEnd(
  executor: Executor,
  order: RunOrder,
  options?: ExecuteOptions,
): Promise<readonly RunEvent[]> {
  const run = watchRun(executor, order, options);
  await run.ended;
  return run.events;
}

/** The lines of a run, those that it logged only on request. */
export function linesOf(
  events: readonly RunEvent[],
  isWanted: (line: RunLog) => boolean = ({ source }) => source !== 'logging',
): string[] {
  return events.flatMap((event) =>
    event.type === 'log' && isWanted(event) ? [event.message] : [],
  );
}

/** The events of a run as text, without times: `node.started add_one`. Lines are left out. */
export function stepsOf(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'log':
        return [];
      case 'run.planned':
        return [`run.planned ${event.nodes.join(' ')}`];
      case 'dataset.loaded':
      case 'dataset.saved':
        return [`${event.type} ${event.dataset} ${event.node}`];
      case 'node.started':
      case 'node.finished':
      case 'node.failed':
        return [`${event.type} ${event.node}`];
      case 'output.ready':
      case 'output.failed':
        return [`${event.type} ${event.output}`];
      case 'run.ended':
        return [`run.ended ${event.status}`];
      case 'run.started':
        return ['run.started'];
    }
  });
}
