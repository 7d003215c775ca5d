import { describe, expect, test } from 'vitest';

import type { NodeContext } from '../../src/pipeline/node-function.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { createConcurrentRunner, createSequentialRunner } from '../../src/runner/create-runner.ts';
import type { RunnerEvent } from '../../src/runner/runner-event.ts';
import { createWatchedCatalog } from './watched-catalog.ts';

const runners = [
  ['sequential', createSequentialRunner()],
  ['concurrent', createConcurrentRunner()],
] as const;

const isCancelled = { name: 'RunCancelled', code: 'run-cancelled' };

describe.each(runners)('a cancelled %s run', (_, runner) => {
  test('does not begin', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 });
    const nodes = pipeline([node((x: number) => x, 'a', 'b')]);
    const run = runner.run(nodes, catalog, { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject(isCancelled);
    expect(notes).toEqual([]);
  });

  test('stops between nodes and datasets', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 }, ['b', 'c']);
    const abort = new AbortController();
    const stop = (x: number) => {
      abort.abort();
      return x;
    };
    const nodes = pipeline([
      node(stop, 'a', 'b', { name: 'stop' }),
      node((x: number) => x, 'b', 'c', { name: 'after' }),
    ]);
    const run = runner.run(nodes, catalog, { signal: abort.signal });
    await expect(run).rejects.toMatchObject({
      ...isCancelled,
      message: "The run was cancelled in node 'stop'.",
    });
    expect(notes).toEqual(['load a']);
  });

  test("reaches what a node's function waits for", async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const abort = new AbortController();
    const wait = async (_x: number, { signal }: NodeContext): Promise<number> =>
      new Promise((__, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to stop')));
        abort.abort('enough');
      });
    const events: RunnerEvent[] = [];
    const nodes = pipeline([node(wait, 'a', 'b', { name: 'wait', passContext: true })]);
    const run = runner.run(nodes, catalog, {
      signal: abort.signal,
      onEvent: (event) => events.push(event),
    });
    await expect(run).rejects.toMatchObject({ ...isCancelled, cause: new Error('told to stop') });
    expect(events.find(({ type }) => type === 'node.failed')).toMatchObject({
      node: 'wait',
      error: isCancelled,
    });
  });

  test('leaves behind what never settles, and says what to do', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 }, ['b']);
    const abort = new AbortController();
    const late = Promise.withResolvers<number>();
    const stuck = async (_x: number) => {
      abort.abort();
      return late.promise;
    };
    const events: RunnerEvent[] = [];
    const nodes = pipeline([node(stuck, 'a', 'b', { name: 'stuck' })]);
    const run = runner.run(nodes, catalog, {
      signal: abort.signal,
      cancelGraceMs: 1,
      onEvent: (event) => events.push(event),
    });
    await expect(run).rejects.toMatchObject({
      ...isCancelled,
      message: expect.stringMatching(/\['stuck'\] did not stop.*context\.signal/),
    });
    expect(events.map(({ type }) => type)).toContain('node.failed');
    const heard = events.length;
    late.resolve(1);
    await late.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(notes).toEqual(['load a']);
    expect(events).toHaveLength(heard);
  });
});
