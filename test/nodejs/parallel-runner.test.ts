import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { RunnerEvent } from '../../src/runner/runner-event.ts';
import { createParallelProject, type ParallelProject } from './parallel-project.ts';

const registry = `
import { node, pipeline, logOf, type NodeContext } from 'kedro-server';
import { threadId } from 'node:worker_threads';

class Table { readonly #rows = [1]; get rows() { return this.#rows; } }
class OddError extends Error {}
let calls = 0;

const meet = (own: number, other: number) => (state: SharedArrayBuffer) => {
  const slots = new Int32Array(state);
  Atomics.store(slots, own, threadId);
  Atomics.notify(slots, own);
  if (Atomics.load(slots, other) === 0) Atomics.wait(slots, other, 0, 20_000);
  return Atomics.load(slots, other);
};

export function registerPipelines() {
  return {
    __default__: pipeline([
      node(() => new SharedArrayBuffer(8), null, 'state', { name: 'open' }),
      node(meet(0, 1), 'state', 'left', { name: 'left' }),
      node(meet(1, 0), 'state', 'right', { name: 'right' }),
      node((left: number, right: number) => ({ left, right }), ['left', 'right'], 'threads', { name: 'join' }),
    ]),
    values: pipeline([
      node((numbers: number[], factor: number) => numbers.map((n) => n * factor), ['numbers', 'params:factor'], 'scaled', { name: 'scale' }),
      node((scaled: number[]) => ({ at: new Date(0), by: new Map([['sum', scaled.reduce((a, b) => a + b, 0)]]), bytes: new Float64Array(scaled), big: 10n }), 'scaled', 'rich', { name: 'enrich' }),
      node((rich: { at: Date; by: Map<string, number>; bytes: Float64Array; big: bigint }) => ({ at: rich.at.toISOString(), sum: rich.by.get('sum'), bytes: [...rich.bytes], big: String(rich.big) }), 'rich', 'total', { name: 'write' }),
    ]),
    twice: pipeline([
      node(() => new Float64Array([1, 2]), null, 'bytes', { name: 'make' }),
      node((a: Float64Array, b: Float64Array) => [a.length, b.length], ['bytes', 'bytes'], 'lengths', { name: 'both' }),
      node((a: Float64Array) => a.length, 'bytes', 'length', { name: 'once' }),
    ]),
    pieces: pipeline([
      node(function* () { yield { n: 1 }; yield { n: 2 }; }, null, { n: 'piece' }, { name: 'yield' }),
      node((n: number) => ({ n }), 'piece', 'total', { name: 'keep' }),
    ]),
    logs: pipeline([
      node((_: number[], context: NodeContext) => { logOf(context).info('one'); logOf(context).print('two'); return 1; }, 'numbers', 'logged', { name: 'log', passContext: true }),
    ]),
    counted: pipeline([node(() => { calls += 1; return { calls }; }, null, 'total', { name: 'count' })]),
    odd: pipeline([node((_: number[]): number => { throw new OddError('as it is', { cause: new TypeError('why') }); }, 'numbers', 'odd', { name: 'odd' })]),
    text: pipeline([node((_: number[]): number => { throw 'text'; }, 'numbers', 'odd', { name: 'texter' })]),
    missing: pipeline([node((x: unknown) => ({ x }), 'absent', 'odd', { name: 'reader' })]),
    table: pipeline([node(() => ({ rows: [new Table()] }), null, 'table', { name: 'tabulate' }), node((t: unknown) => ({ t }), 'table', 'odd', { name: 'use' })]),
    exit: pipeline([node((): number => process.exit(3), null, 'odd', { name: 'exit' })]),
    late: pipeline([node(async () => { setTimeout(() => { throw new RangeError('late'); }, 1); await new Promise(() => undefined); return 1; }, null, 'odd', { name: 'late' })]),
    eat: pipeline([node(() => { const eaten: object[] = []; for (;;) eaten.push({ text: 'x' + eaten.length }); }, null, 'odd', { name: 'eat' })]),
    wait: pipeline([node(async ({ signal }: NodeContext) => { await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told: ' + String(signal.reason))))); return 1; }, null, 'odd', { name: 'wait', passContext: true })]),
    spin: pipeline([node(() => { for (;;); }, null, 'odd', { name: 'spin' })]),
  };
}
`;

const files = {
  'src/pipeline_registry.ts': registry,
  'src/settings.ts': `
import { threadId } from 'node:worker_threads';
export const settings = {
  maxThreads: 2,
  maxThreadMemoryBytes: 96 * 2 ** 20,
  hooks: [
    {
      beforePipelineRun: ({ log }) => log.info('hook of the run in ' + threadId),
      beforeNodeRun: ({ node, log }) => log.info('hook of ' + node.name + ' in ' + (threadId === 0 ? 'main' : 'a thread')),
    },
  ],
};
`,
  'conf/base/catalog.yml': `
numbers: { type: json.JSONDataset, filepath: data/numbers.json }
absent: { type: json.JSONDataset, filepath: data/absent.json }
total: { type: json.JSONDataset, filepath: data/total.json }
threads: { type: json.JSONDataset, filepath: data/threads.json }
lengths: { type: json.JSONDataset, filepath: data/lengths.json }
`,
  'conf/base/parameters.yml': 'factor: 2\n',
  'data/numbers.json': '[1, 2, 3]',
};

let project: ParallelProject;
beforeAll(async () => {
  project = await createParallelProject(files);
});
afterAll(async () => project[Symbol.asyncDispose]());

async function readData(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(project.path, 'data', name), 'utf8'));
}

function ofNode(events: readonly RunnerEvent[], name: string): readonly string[] {
  return events.flatMap((event) =>
    'node' in event && event.node === name
      ? ['dataset' in event ? `${event.type} ${event.dataset}` : event.type]
      : [],
  );
}

test('two nodes run at the same time, in two threads of their own', async () => {
  const { error } = await project.run();
  expect(error).toBeUndefined();
  const { left, right } = (await readData('threads.json')) as { left: number; right: number };
  expect(left).toBeGreaterThan(0);
  expect(right).toBeGreaterThan(0);
  expect(left).not.toBe(right);
});

test('data of every kind passes between nodes, and files are read and written in the threads', async () => {
  const { error, events } = await project.run({
    pipelineNames: ['values'],
    paramsJson: '{"factor": 3}',
  });
  expect(error).toBeUndefined();
  expect(await readData('total.json')).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    sum: 18,
    bytes: [3, 6, 9],
    big: '10',
  });
  expect(ofNode(events, 'scale').filter((type) => type !== 'log')).toEqual([
    'node.started',
    'dataset.loaded numbers',
    'dataset.loaded params:factor',
    'dataset.saved scaled',
    'node.finished',
  ]);
});

test('a node that takes a dataset twice gets it twice, and others after it once more', async () => {
  const { error } = await project.run({ pipelineNames: ['twice'], outputs: ['length'] });
  expect(error).toBeUndefined();
  expect(await readData('lengths.json')).toEqual([2, 2]);
});

test('a generator saves piece by piece', async () => {
  const { error, events } = await project.run({ pipelineNames: ['pieces'] });
  expect(error).toBeUndefined();
  expect(ofNode(events, 'yield').filter((type) => type.startsWith('dataset'))).toEqual([
    'dataset.saved piece',
    'dataset.saved piece',
  ]);
  expect(await readData('total.json')).toEqual({ n: 2 });
});

test("a run's own data reaches the threads, in this run only", async () => {
  const wanted = { pipelineNames: ['values'], outputs: ['scaled'] };
  const told = async (inputsJson: string | null) => {
    const { events } = await project.run({ ...wanted, inputsJson });
    return events.find(({ type }) => type === 'output.ready');
  };
  const stored = await told(null);
  expect(await told('{"numbers": [100]}')).toMatchObject({
    json: expect.stringMatching(/^\[\d+\]$/),
  });
  expect(await told(null)).toEqual(stored);
});

test('outputs that were asked for are told, in memory or not', async () => {
  const { events } = await project.run({ pipelineNames: ['values'], outputs: ['scaled', 'total'] });
  const ready = events.flatMap((event) =>
    event.type === 'output.ready' ? [[event.output, event.json] as const] : [],
  );
  expect(Object.fromEntries(ready)).toMatchObject({ scaled: '[2,4,6]' });
  expect(ready.map(([name]) => name).toSorted()).toEqual(['scaled', 'total']);
});

test('hooks of nodes run in the threads, those of the run here; lines have their node', async () => {
  const { events } = await project.run({ pipelineNames: ['logs'] });
  const lines = events.flatMap((event) =>
    event.type === 'log' ? [`${event.node} ${event.source}: ${event.message}`] : [],
  );
  expect(lines).toEqual([
    'null logging: hook of the run in 0',
    'null logging: hook of log in a thread',
    'log logging: one',
    'log stdout: two',
  ]);
});

test('threads are kept: what a module remembers is there in the next run', async () => {
  const counts: unknown[] = [];
  for (let run = 0; run < 5; run += 1) {
    await project.run({ pipelineNames: ['counted'] });
    counts.push(((await readData('total.json')) as { calls: number }).calls);
  }
  expect(Math.max(...(counts as number[]))).toBeGreaterThan(2);
});

describe('a node that fails', () => {
  test.each([
    [
      'odd',
      { name: 'OddError', message: 'as it is', cause: { name: 'TypeError', message: 'why' } },
    ],
    ['text', { code: 'thrown-value-invalid', message: /Node 'texter' threw 'string' text/ }],
    ['missing', { code: 'dataset-load-failed', message: /^absent: .*No such file/s }],
    [
      'table',
      { code: 'dataset-save-failed', message: /^table: .*data\.rows\[0\] is an instance of Table/ },
    ],
    ['exit', { code: 'thread-ended', message: /'exit' ended the thread.*process\.exit\(3\)/ }],
    ['late', { code: 'thread-ended', message: /'late' ended.*nobody caught RangeError: late/ }],
    ['eat', { code: 'thread-ended', message: /'eat' ended.*more memory than its limit of 96 MiB/ }],
  ])('%s says what it was, and the next run is none the wiser', async (name, expected) => {
    const { error, events } = await project.run({ pipelineNames: [name] });
    const message: unknown =
      expected.message instanceof RegExp
        ? expect.stringMatching(expected.message)
        : expected.message;
    expect(error).toMatchObject({ ...expected, message });
    expect(events.filter(({ type }) => type === 'node.failed')).toMatchObject([{ error }]);
    expect((await project.run({ pipelineNames: ['logs'] })).error).toBeUndefined();
  });
});

describe('a cancelled run', () => {
  async function cancel(name: string, cancelGraceMs: number) {
    const abort = new AbortController();
    return await project.run(
      { pipelineNames: [name] },
      {
        signal: abort.signal,
        cancelGraceMs,
        onEvent: (event) => {
          if (event.type === 'log' && event.message.includes('in a thread')) abort.abort('enough');
        },
      },
    );
  }

  test("reaches the function's signal", async () => {
    const { error } = await cancel('wait', 30_000);
    expect(error).toMatchObject({
      code: 'run-cancelled',
      message: "The run was cancelled in node 'wait'.",
    });
  });

  test('ends a thread that does not stop, and the server goes on', async () => {
    const { error, events } = await cancel('spin', 10);
    expect(error).toMatchObject({
      code: 'run-cancelled',
      message: "The run was cancelled and the threads of ['spin'], which did not stop, were ended.",
    });
    expect(events.at(-2)).toMatchObject({ type: 'node.failed', node: 'spin' });
    expect((await project.run()).error).toBeUndefined();
  });
});
