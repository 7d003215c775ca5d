import { describe, expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import type { NodeContext } from '../../src/pipeline/node-function.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { createConcurrentRunner, createSequentialRunner } from '../../src/runner/create-runner.ts';
import { logOf } from '../../src/runner/run-logger.ts';
import type { RunnerEvent } from '../../src/runner/runner-event.ts';
import type { RunnerOptions } from '../../src/runner/runner.ts';
import { createWatchedCatalog } from './watched-catalog.ts';

const addOne = (x: number) => x + 1;
const total = (...all: number[]) => all.reduce((sum, x) => sum + x, 0);

/** Options that collect the events of a run. */
function collect(options: RunnerOptions = {}) {
  const events: RunnerEvent[] = [];
  return { events, options: { ...options, onEvent: (event: RunnerEvent) => events.push(event) } };
}

function linesOf(events: readonly RunnerEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
}

const runners = [
  ['sequential', createSequentialRunner()],
  ['concurrent', createConcurrentRunner()],
] as const;

describe.each(runners)('the %s runner', (_, runner) => {
  test('gives the datasets of final outputs', async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const nodes = [node(addOne, 'a', 'b'), node(addOne, 'b', 'c'), node(addOne, 'b', 'd')];
    const result = await runner.run(pipeline(nodes), catalog);
    expect([...result.keys()].toSorted()).toEqual(['c', 'd']);
    expect(await result.get('c')?.load()).toBe(3);
  });

  test('runs a pipeline of no nodes', async () => {
    expect(await runner.run(pipeline([]), createDataCatalog())).toEqual(new Map());
  });

  test('refuses inputs that nobody gives, in words of Kedro', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 });
    const nodes = [node(total, ['a', 'y', 'x'], 'b')];
    await expect(runner.run(pipeline(nodes), catalog)).rejects.toMatchObject({
      name: 'ValueError',
      code: 'inputs-unsatisfied',
      message:
        "Pipeline input(s) {'x', 'y'} not found in the DataCatalog. Add what is missing to the catalog, or mend the name.",
    });
    expect(notes).toEqual([]);
  });

  test('saves a generator piece by piece', async () => {
    const { catalog, dataset, notes } = createWatchedCatalog({ a: 3 }, ['evens', 'odds']);
    const pairs = function* (count: number) {
      for (let i = 0; i < count; i += 1) yield [i * 2, i * 2 + 1] as [number, number];
    };
    await runner.run(pipeline([node(pairs, 'a', ['evens', 'odds'])]), catalog);
    expect(dataset('evens').saved).toEqual([0, 2, 4]);
    expect(dataset('odds').saved).toEqual([1, 3, 5]);
    expect(notes.slice(0, 4)).toEqual(['load a', 'save evens', 'save odds', 'save evens']);
  });

  test('asks a generator to end when a piece cannot be saved', async () => {
    const { catalog } = createWatchedCatalog({ a: 3 });
    let isClosed = false;
    const pieces = async function* (x: number) {
      try {
        yield x;
        yield null;
        yield x;
      } finally {
        isClosed = true;
      }
    };
    const run = runner.run(pipeline([node(pieces, 'a', 'b')]), catalog);
    await expect(run).rejects.toMatchObject({ code: 'dataset-save-failed' });
    expect(isClosed).toBe(true);
  });

  test('confirms after a node', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 }, ['b']);
    const nodes = [node(addOne, 'a', 'b', { confirms: 'a' })];
    await runner.run(pipeline(nodes), catalog);
    expect(notes).toEqual(['load a', 'save b', 'confirm a']);
  });

  test('says which node threw what is no error', async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const thrower = (_x: number): number => {
      // oxlint-disable-next-line typescript/only-throw-error -- what users' code may do
      throw 'boom';
    };
    const { events, options } = collect();
    const run = runner.run(
      pipeline([node(thrower, 'a', 'b', { name: 'thrower' })]),
      catalog,
      options,
    );
    const error = {
      name: 'TypeError',
      message: expect.stringMatching(/^Node 'thrower' threw 'string' boom: throw an Error/),
      cause: 'boom',
    };
    await expect(run).rejects.toMatchObject(error);
    expect(events.find(({ type }) => type === 'node.failed')).toMatchObject({ error });
  });

  test("takes a node's lines, each with its node", async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const talk = (x: number, context: NodeContext) => {
      logOf(context).print(`got ${x}`);
      logOf(context).warning('careful');
      return x;
    };
    const { events, options } = collect();
    const options2 = { name: 'talk', passContext: true } as const;
    await runner.run(pipeline([node(talk, 'a', 'b', options2)]), catalog, options);
    expect(events.filter(({ type }) => type === 'log')).toEqual([
      {
        type: 'log',
        level: 'info',
        logger: null,
        source: 'stdout',
        message: 'got 1',
        node: 'talk',
      },
      {
        type: 'log',
        level: 'warning',
        logger: 'talk',
        source: 'logging',
        message: 'careful',
        node: 'talk',
      },
    ]);
  });
});

test('a logger outside a run writes nothing', () => {
  expect(() => logOf({ signal: new AbortController().signal }).print('x')).not.toThrow();
});

describe('datasets', () => {
  test('are released when nobody needs them any more, but for inputs and outputs', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 }, ['b', 'c', 'd']);
    const nodes = [
      node(addOne, 'a', 'b', { name: 'one' }),
      node(addOne, 'b', 'c', { name: 'two' }),
      node(total, ['b', 'c'], 'd', { name: 'three' }),
    ];
    await createSequentialRunner().run(pipeline(nodes), catalog);
    expect(notes).toEqual([
      ...['load a', 'save b'],
      ...['load b', 'save c'],
      ...['load b', 'load c', 'save d', 'release b', 'release c'],
    ]);
  });

  test('are loaded and saved at once when asked to', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1, b: 2 }, ['c', 'd']);
    const swap = (x: number, y: number): [number, number] => [y, x];
    const nodes = [node(swap, ['a', 'b'], ['c', 'd'])];
    await createSequentialRunner().run(pipeline(nodes), catalog, { isAsync: true });
    expect(notes).toEqual(['load a', 'load b', 'save c', 'save d']);
  });

  test('of generators cannot be saved at once', async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const pieces = function* (x: number) {
      yield x;
    };
    const nodes = [node(pieces, 'a', 'b')];
    const run = createSequentialRunner().run(pipeline(nodes), catalog, { isAsync: true });
    await expect(run).rejects.toMatchObject({ name: 'ValueError', code: 'generator-with-async' });
  });
});

describe('the concurrent runner', () => {
  test('runs what can run at once, and no more than its limit', async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    let now = 0;
    let most = 0;
    const work = async (x: number) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return x;
    };
    const nodes = Array.from({ length: 10 }, (_, i) => node(work, 'a', `b${i}`, { name: `n${i}` }));
    await createConcurrentRunner({ maxConcurrency: 3 }).run(pipeline(nodes), catalog);
    expect(most).toBe(3);
  });

  test('lets what runs end after a failure, and begins no more', async () => {
    const { catalog, dataset, notes } = createWatchedCatalog({ a: 1 }, ['slow', 'never']);
    const failed = Promise.withResolvers<void>();
    const fail = async (_x: number): Promise<number> => {
      failed.resolve();
      throw new RangeError('no');
    };
    const slow = async (x: number) => {
      await failed.promise;
      return x;
    };
    const nodes = [
      node(fail, 'a', 'b', { name: 'fail' }),
      node(slow, 'a', 'slow', { name: 'slow' }),
      node(addOne, 'slow', 'never', { name: 'never' }),
    ];
    const { events, options } = collect();
    const run = createConcurrentRunner().run(pipeline(nodes), catalog, options);
    await expect(run).rejects.toThrow(new RangeError('no'));
    expect(dataset('slow').saved).toEqual([1]);
    expect(notes).not.toContain('save never');
    expect(linesOf(events).at(-1)).toContain('--from-nodes "fail,never"');
  });

  test('warns of what it does not do, as Kedro', async () => {
    const { events, options } = collect({ isAsync: true });
    const { catalog } = createWatchedCatalog({ a: 1 });
    await createConcurrentRunner().run(pipeline([node(addOne, 'a', 'b')]), catalog, options);
    expect(linesOf(events)[0]).toContain("Setting 'is_async' to False");
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses a limit of %s', (maxConcurrency) => {
    expect(() => createConcurrentRunner({ maxConcurrency })).toThrow('positive whole number');
  });
});

describe('only missing outputs', () => {
  const chain = pipeline([
    node(addOne, 'a', 'b', { name: 'one' }),
    node(addOne, 'b', 'c', { name: 'two' }),
    node(addOne, 'c', 'd', { name: 'three' }),
  ]);

  const ranWith = async (withData: object, empty: string[], ephemeral: string[] = []) => {
    const { catalog } = createWatchedCatalog({ a: 1, ...withData }, empty, ephemeral);
    const { events, options } = collect({ onlyMissingOutputs: true });
    await createSequentialRunner().run(chain, catalog, options);
    const planned = events.find((event) => event.type === 'run.planned');
    return { nodes: planned?.nodes, lines: linesOf(events) };
  };

  test('are made', async () => {
    const { nodes, lines } = await ranWith({ b: 2, c: 3 }, ['d']);
    expect(nodes).toEqual(['three']);
    expect(lines).toEqual([
      'Skipping 2 nodes with existing outputs: one, two',
      'Running 1 out of 3 nodes',
    ]);
  });

  test('are made of what is not kept', async () => {
    expect((await ranWith({ b: 2 }, ['c', 'd'], ['c'])).nodes).toEqual(['two', 'three']);
    expect((await ranWith({}, ['d'])).nodes).toEqual(['one', 'two', 'three']);
  });

  test('may be none', async () => {
    const { nodes, lines } = await ranWith({ b: 2, c: 3, d: 4 }, []);
    expect(nodes).toEqual([]);
    expect(lines).toEqual(['Skipping all 3 nodes (all persistent outputs exist)']);
  });
});

describe('after a failure', () => {
  const fail = (_x: number): number => {
    throw new Error('no');
  };
  const chain = pipeline([
    node(addOne, 'a', 'b', { name: 'one' }),
    node(addOne, 'b', 'c', { name: 'two' }),
    node(fail, 'c', 'd', { name: 'three' }),
    node(addOne, 'd', 'e', { name: 'four' }),
  ]);
  const advice = async (empty: string[], nodes = chain) => {
    const { catalog } = createWatchedCatalog({ a: 1 }, empty);
    const { events, options } = collect();
    await expect(createSequentialRunner().run(nodes, catalog, options)).rejects.toThrow('no');
    return linesOf(events).at(-1);
  };

  test('the log says from where to resume, in words of Kedro', async () => {
    expect(await advice(['b', 'c'])).toBe(
      'There are 2 nodes that have not run.\nYou can resume the pipeline run from the nearest nodes with persisted inputs by adding the following argument to your previous command:\n  --from-nodes "three"',
    );
    expect(await advice(['b'])).toContain('--from-nodes "two"');
    expect(await advice([])).toContain('--from-nodes "one"');
  });

  test('of the first node it says to start anew', async () => {
    expect(await advice([], pipeline([node(fail, 'a', 'b')]))).toBe(
      'No nodes ran. Repeat the previous command to attempt a new run.',
    );
  });
});
