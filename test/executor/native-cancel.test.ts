import { beforeEach, expect, test } from 'vitest';

import type { Dataset } from '../../src/catalog/dataset.ts';
import { readTable } from '../../src/catalog/table-source.ts';
import type { Executor } from '../../src/executor/executor.ts';
import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { createRunOrder } from '../conformance/run-order.ts';
import { runToEnd, stepsOf, watchRun } from '../conformance/watched-run.ts';
import { createExampleProject } from '../project/example-project.ts';

/** A place where a run waits, whatever its signal says, until it is let go. */
class Gate {
  readonly reached = Promise.withResolvers<void>();
  readonly #open = Promise.withResolvers<void>();

  async pass(): Promise<void> {
    this.reached.resolve();
    await this.#open.promise;
  }

  open(): void {
    this.#open.resolve();
  }
}

const written: string[] = [];
let gates: Record<'load' | 'save' | 'finish' | 'read', Gate>;

/** A file that takes its time. */
class SlowDataset implements Dataset {
  async load(): Promise<unknown> {
    await gates.load.pass();
    return 'loaded';
  }

  async save(data: unknown): Promise<void> {
    written.push('half of', String(data));
    await gates.save.pass();
    written.push('all of', String(data));
  }

  exists(): Promise<boolean> {
    return Promise.resolve(true);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  describe(): Readonly<Record<string, unknown>> {
    return {};
  }
}

const endless = {
  async *[readTable]() {
    await gates.read.pass();
    yield [{ a: 1 }];
  },
};

const keep = <T>(value: T): T => value;

function createExecutor(cancelGraceMs: number): Executor {
  const { definition, config } = createExampleProject({
    pipelines: {
      __default__: null,
      loading: pipeline([node(keep, 'slow_in', 'loaded', { name: 'load' })]),
      saving: pipeline([
        node(() => 'text', null, 'slow_out', { name: 'save' }),
        node(keep, 'params:tenant', 'other', { name: 'after', confirms: [] }),
        node((a: unknown, b: unknown) => [a, b], ['slow_out', 'other'], 'both', { name: 'last' }),
      ]),
      finishing: pipeline([node(keep, 'params:tenant', 'kept', { name: 'keep' })]),
      reading: pipeline([node(() => endless, null, 'table', { name: 'make' })]),
    },
    settings: {
      datasetTypes: { slow: SlowDataset },
      hooks: [
        {
          afterPipelineRun: async ({ runParams }) => {
            if (runParams.pipelineNames.includes('finishing')) await gates.finish.pass();
          },
        },
      ],
    },
  });
  config['base/catalog.yml'] += '\nslow_in: { type: slow }\nslow_out: { type: slow }\n';
  return createNativeExecutor({ project: definition, cancelGraceMs, concurrency: 1 });
}

beforeEach(() => {
  gates = { load: new Gate(), save: new Gate(), finish: new Gate(), read: new Gate() };
  written.length = 0;
});

async function cancelAt(
  executor: Executor,
  name: string,
  gate: Gate,
  outputs: readonly string[] = [],
) {
  const abort = new AbortController();
  const order = createRunOrder({ pipelineNames: [name], outputs });
  const run = watchRun(executor, order, { signal: abort.signal });
  await gate.reached.promise;
  abort.abort();
  return run;
}

const isCancelled = { status: 'cancelled', error: { type: 'RunCancelled' } };

test('a run that loads is left behind when its grace is over', async () => {
  const executor = createExecutor(1);
  const run = await cancelAt(executor, 'loading', gates.load, ['loaded']);
  expect(await run.ended).toMatchObject(isCancelled);
  expect(stepsOf(run.events).slice(-3)).toEqual([
    'node.failed load',
    'output.failed loaded',
    'run.ended cancelled',
  ]);
  gates.load.open();
  await executor.close();
});

test('a save that has begun is whole, and nothing is begun after it', async () => {
  const executor = createExecutor(20_000);
  const run = await cancelAt(executor, 'saving', gates.save, ['slow_out', 'both']);
  gates.save.open();
  expect(await run.ended).toMatchObject(isCancelled);
  expect(written).toEqual(['half of', 'text', 'all of', 'text']);
  const steps = stepsOf(run.events);
  expect(steps).toContain('output.ready slow_out');
  expect(steps).not.toContain('node.started last');
  expect(steps.slice(-2)).toEqual(['output.failed both', 'run.ended cancelled']);
});

test('a run whose nodes are done may end in its hooks, or is left behind', async () => {
  for (const [graceMs, isOpened, status] of [
    [20_000, true, 'succeeded'],
    [1, false, 'cancelled'],
  ] as const) {
    gates.finish = new Gate();
    const executor = createExecutor(graceMs);
    const run = await cancelAt(executor, 'finishing', gates.finish, ['kept']);
    if (isOpened) gates.finish.open();
    expect(await run.ended).toMatchObject({ status });
    expect(stepsOf(run.events)).toContain('output.ready kept');
  }
});

test('an output that is being read is not waited for beyond the grace', async () => {
  const executor = createExecutor(1);
  const run = await cancelAt(executor, 'reading', gates.read, ['table']);
  expect(await run.ended).toMatchObject(isCancelled);
  gates.read.open();
  expect(stepsOf(run.events).slice(-2)).toEqual(['output.failed table', 'run.ended cancelled']);
});

test('a run that has ended cannot be cancelled, nor the one after it by that', async () => {
  const executor = createExecutor(1);
  gates.finish.open();
  const abort = new AbortController();
  const order = (): ReturnType<typeof createRunOrder> =>
    createRunOrder({ pipelineNames: ['finishing'] });
  const events = await runToEnd(executor, order(), { signal: abort.signal });
  expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
  const next = watchRun(executor, order());
  abort.abort();
  expect(await next.ended).toMatchObject({ status: 'succeeded' });
});
