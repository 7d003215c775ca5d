/** The twin of `kedro-registry.py`, for what runs in the server's own process. */
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { logOf, node, pipeline, type NodeContext } from 'kedro-server';

/** The group of each run that goes on. */
const active = new Map<string, string>();

async function work(
  tenant: string,
  what: string,
  milliseconds: number,
  group: string,
  limit: number,
  capacity: number,
  length: number,
  context: NodeContext,
): Promise<object> {
  appendFileSync('data/notes/begun.log', `${tenant}\n`);
  active.set(tenant, group);
  try {
    const inGroup = [...active.values()].filter((each) => each === group).length;
    if (active.size > capacity || (group !== '' && inGroup > limit)) {
      const excess = `${tenant}: ${active.size} at once, ${inGroup} of ${limit} in '${group}'`;
      appendFileSync('data/notes/excess.log', `${excess}\n`);
    }
    const endsAt = performance.now() + milliseconds;
    while (performance.now() < endsAt) {
      logOf(context).print(`${tenant} is at work`);
      await delay(20, undefined, what === 'stubborn' ? {} : { signal: context.signal });
    }
    if (what === 'fail') throw new RangeError('as it was asked to');
    return { tenant, body: Array.from({ length }, () => tenant), last: tenant };
  } finally {
    active.delete(tenant);
  }
}

export function registerPipelines() {
  const inputs = [
    'params:tenant',
    'params:what',
    'params:milliseconds',
    'params:group',
    'params:limit',
    'params:capacity',
    'params:length',
  ] as const;
  return {
    __default__: pipeline([node(work, inputs, 'mine', { name: 'work', passContext: true })]),
  };
}
