import { describe, expect, test } from 'vitest';

import type { RunEvent } from '../../src/executor/run-event.ts';
import type { RunOrder } from '../../src/executor/run-order.ts';
import type { ConformingExecutor } from './executor-suite.ts';
import { orderPipeline } from './run-order.ts';
import { runToEnd, stepsOf, watchRun } from './watched-run.ts';

/** The most that an output of the suite's executors may take. */
export const maxOutputBytes = 64 * 1024;

/** An order of one pipeline with its own data. */
function orderWith(name: string, inputs: object, wanted: Partial<RunOrder>): RunOrder {
  return orderPipeline(name, undefined, { inputsJson: JSON.stringify(inputs), ...wanted });
}

/** What was told of each output: its data, or the type of its error. */
function outputsOf(events: readonly RunEvent[]): Record<string, unknown> {
  const told = events.flatMap((event): [string, unknown][] => {
    if (event.type === 'output.ready') return [[event.output, JSON.parse(event.json)]];
    return event.type === 'output.failed' ? [[event.output, event.error.type]] : [];
  });
  expect(new Set(told.map(([name]) => name)).size).toBe(told.length);
  return Object.fromEntries(told);
}

function eventOf(events: readonly RunEvent[], output: string): RunEvent | undefined {
  return events.find((event) => 'output' in event && event.output === output);
}

/** Holds an executor to what `RunOrder` promises of a run's own data and of its outputs. */
export function describeData(subject: () => ConformingExecutor, isRemote: boolean): void {
  const run = async (order: RunOrder): Promise<readonly RunEvent[]> =>
    runToEnd(subject().executor, order);

  describe("a run's data", () => {
    test('goes in, and comes out: what is final and what is not', async () => {
      const outputs = ['sum_of_more', 'more', 'numbers', 'sum_of_more'];
      const events = await run(orderWith('memory', { numbers: [10, 20] }, { outputs }));
      expect(outputsOf(events)).toEqual({ numbers: [10, 20], more: [11, 21], sum_of_more: 32 });
      const steps = stepsOf(events);
      expect(steps.at(-1)).toBe('run.ended succeeded');
      expect(steps.indexOf('output.ready more')).toBeLessThan(
        steps.indexOf('node.finished add_one'),
      );
      expect(eventOf(events, 'more')).toMatchObject({ kind: 'array' });
      expect(eventOf(events, 'sum_of_more')).toMatchObject({ kind: 'json' });
    });

    test('is not there for the run beside it, nor for the one after', async () => {
      const gate = subject().gateParam(`data-${Math.random()}`);
      const outputs = ['numbers'];
      const own = orderPipeline('gate', { gate }, { inputsJson: '{"numbers": [7]}', outputs });
      const held = watchRun(subject().executor, own);
      await held.event(({ type }) => type === 'log');
      const stored = { sum_of_more: 14 };
      const beside = await run(orderPipeline('memory', undefined, { outputs: ['sum_of_more'] }));
      expect(outputsOf(beside)).toEqual(stored);
      await subject().openGate(gate.split('/').at(-1) ?? gate);
      expect(await held.ended).toMatchObject({ status: 'succeeded' });
      expect(outputsOf(held.events)).toEqual({ numbers: [7] });
      for (let count = 0; count < 3; count += 1) {
        const after = await run(orderPipeline('memory', undefined, { outputs: ['sum_of_more'] }));
        expect(outputsOf(after)).toEqual(stored);
      }
    });

    test.each(['SequentialRunner', 'ThreadRunner'])('goes through a %s', async (runner) => {
      const outputs = ['more', 'sum_of_more'];
      const events = await run(orderWith('memory', { numbers: [1] }, { runner, outputs }));
      expect(outputsOf(events)).toEqual({ more: [2], sum_of_more: 2 });
    });

    test('goes through saves that are not waited for', async () => {
      const outputs = ['more', 'sum_of_more'];
      const events = await run(orderWith('memory', { numbers: [1] }, { isAsync: true, outputs }));
      expect(outputsOf(events)).toEqual({ more: [2], sum_of_more: 2 });
    });

    test('comes as table, array, text, JSON, or as a reference', async () => {
      const outputs = ['records', 'matrix', 'note', 'mapping', 'thing'];
      const events = await run(orderPipeline('shapes', undefined, { outputs }));
      expect(outputsOf(events)).toEqual({
        records: [
          { id: 1, name: 'Zoë' },
          { id: 2, name: null },
        ],
        matrix: [
          [1, 2.5],
          [3, null],
        ],
        note: 'four numbers: "1"\n',
        mapping: { a: { b: [true, null] } },
        thing: { dataset: 'thing', filepath: null, version: null },
      });
      const kinds = outputs.map((name) => eventOf(events, name));
      expect(kinds).toMatchObject([
        { kind: 'table' },
        { kind: 'array' },
        { kind: 'text' },
        { kind: 'json' },
        { kind: 'reference', dataType: expect.stringMatching(/Thing$/) },
      ]);
    });

    test('of a generator is what its dataset holds in the end', async () => {
      const events = await run(orderPipeline('pieces', undefined, { outputs: ['piece', 'last'] }));
      expect(outputsOf(events)).toEqual({ piece: [3], last: [3] });
    });

    test('that is too large fails as an output, not as a run', async () => {
      const numbers = Array.from({ length: maxOutputBytes / 2 }, (_, index) => index % 10);
      const order = orderWith('memory', { numbers }, { outputs: ['more', 'sum_of_more'] });
      const events = await run(order);
      const sum = numbers.reduce((total, number) => total + number + 1, 0);
      expect(outputsOf(events)).toEqual({ more: 'OutputTooLarge', sum_of_more: sum });
      expect(eventOf(events, 'more')).toMatchObject({
        error: { message: expect.stringMatching(/'more'.* 65536 bytes.*maxOutputBytes/) },
      });
      expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    });

    test('that is just as large as it may be comes whole', async () => {
      const note = 'é'.repeat(maxOutputBytes / 2 - 1);
      const whole = await run(orderWith('memory', { numbers: [] }, { outputs: ['numbers'] }));
      expect(outputsOf(whole)).toEqual({ numbers: [] });
      const wanted = { outputs: ['kept'] };
      const events = await run(orderWith('keep', { kept_input: note }, wanted));
      expect(outputsOf(events)).toEqual({ kept: note });
      const more = await run(orderWith('keep', { kept_input: `${note}x` }, wanted));
      expect(outputsOf(more)).toEqual({ kept: 'OutputTooLarge' });
    });

    test('that a failed run has made comes; of what it has not made that is said', async () => {
      const outputs = ['before_json', 'between', 'after_json'];
      const events = await run(orderPipeline('failing_middle', undefined, { outputs }));
      expect(outputsOf(events)).toEqual({
        before_json: [2, 3, 4, 5],
        between: 'OutputNotMade',
        after_json: 'OutputNotMade',
      });
      expect(stepsOf(events).at(-1)).toBe('run.ended failed');
    });

    test('that no node makes is said not to be made', async () => {
      const outputs = ['more', 'unheard_of', 'params:tenant'];
      const events = await run(orderPipeline('memory', undefined, { outputs }));
      expect(outputsOf(events)).toEqual({
        more: isRemote ? 'OutputNotMade' : [2, 3, 4, 5],
        unheard_of: 'OutputNotMade',
        'params:tenant': 'OutputNotMade',
      });
      expect(stepsOf(events).at(-1)).toBe(`run.ended ${isRemote ? 'failed' : 'succeeded'}`);
    });

    test('counts as there when only missing outputs are made', async () => {
      const wanted = { onlyMissingOutputs: true, outputs: ['sum_json'] };
      const given = await run(orderWith('stored', { more: [40, 2] }, wanted));
      expect(stepsOf(given)).not.toContain('node.started add_one');
      expect(outputsOf(given)).toEqual({ sum_json: 42 });
      const skipped = await run(orderPipeline('stored', undefined, wanted));
      expect(stepsOf(skipped)).not.toContain('node.started total');
      expect(outputsOf(skipped)).toEqual({ sum_json: 42 });
    });

    test('that cannot be is refused, with the name of its dataset', async () => {
      for (const [inputs, wanted, message] of [
        [{ more: [1] }, {}, /'more'.*'add_one'/],
        [{ 'params:tenant': 'acme' }, {}, /'params:tenant'.*params/],
        [{ numbers: [1, 2] }, { inputKinds: { numbers: 'table' } }, /'numbers'/],
        [{ numbers: ['a', 'b'] }, { inputKinds: { numbers: 'array' } }, /'numbers'/],
      ] as const) {
        const events = await run(orderWith('memory', inputs, wanted));
        expect(events.at(-1)).toMatchObject({
          status: 'failed',
          error: { type: 'ValueError', message: expect.stringMatching(message) },
        });
        expect(stepsOf(events)).not.toContain('node.started add_one');
      }
    });

    test('never mixes: 200 runs with their own, eight at a time', async () => {
      const waiting = Array.from({ length: 200 }, (_, index) => index).values();
      const wrong: unknown[] = [];
      const client = async (): Promise<void> => {
        for (const index of waiting) {
          const order = orderWith(
            'memory',
            { numbers: [index, 1000] },
            { outputs: ['more', 'sum_of_more'] },
          );
          const told = outputsOf(await run(order));
          const sum = index + 1002;
          const isRight =
            JSON.stringify(told) === JSON.stringify({ more: [index + 1, 1001], sum_of_more: sum });
          if (!isRight) wrong.push([index, told]);
        }
      };
      await Promise.all(Array.from({ length: 8 }, client));
      expect(wrong).toEqual([]);
    });
  });
}
