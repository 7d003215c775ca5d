import { describe, expect, test } from 'vitest';

import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { createSequentialRunner } from '../../src/runner/create-runner.ts';
import type { Hooks } from '../../src/runner/hooks.ts';
import { createWatchedCatalog } from './watched-catalog.ts';

const addOne = (x: number) => x + 1;
const runner = createSequentialRunner();

/** Hooks that note what they are called with. */
function noting(notes: string[], prefix = ''): Hooks {
  return {
    beforeDatasetLoaded: ({ datasetName }) =>
      void notes.push(`${prefix}before load ${datasetName}`),
    afterDatasetLoaded: ({ datasetName, data }) =>
      void notes.push(`${prefix}loaded ${datasetName} ${String(data)}`),
    beforeNodeRun: ({ node: { name } }) => void notes.push(`${prefix}before ${name}`),
    afterNodeRun: ({ node: { name }, inputs, outputs }) =>
      void notes.push(`${prefix}after ${name} ${JSON.stringify([inputs, outputs])}`),
    onNodeError: ({ node: { name }, error, inputs }) =>
      void notes.push(`${prefix}failed ${name} ${String(error)} ${JSON.stringify(inputs)}`),
    beforeDatasetSaved: ({ datasetName, data }) =>
      void notes.push(`${prefix}before save ${datasetName} ${String(data)}`),
    afterDatasetSaved: ({ datasetName }) => void notes.push(`${prefix}saved ${datasetName}`),
  };
}

describe('hooks', () => {
  test("are called in Kedro's order", async () => {
    const notes: string[] = [];
    const { catalog } = createWatchedCatalog({ a: 1 });
    const nodes = pipeline([node(addOne, 'a', 'b', { name: 'one' })]);
    await runner.run(nodes, catalog, { hooks: [noting(notes)] });
    expect(notes).toEqual([
      'before load a',
      'loaded a 1',
      'before one',
      'after one [{"a":1},{"b":2}]',
      'before save b 2',
      'saved b',
    ]);
  });

  test('that were registered last are called first', async () => {
    const notes: string[] = [];
    const { catalog } = createWatchedCatalog({ a: 1 });
    const hooks = [noting(notes, '1 '), noting(notes, '2 ')];
    await runner.run(pipeline([node(addOne, 'a', 'b')]), catalog, { hooks });
    expect(notes.slice(0, 4)).toEqual([
      '2 before load a',
      '1 before load a',
      '2 loaded a 1',
      '1 loaded a 1',
    ]);
  });

  test('are told of a failing node', async () => {
    const notes: string[] = [];
    const { catalog } = createWatchedCatalog({ a: 1 });
    const fail = (_x: number): number => {
      throw new RangeError('no');
    };
    const nodes = pipeline([node(fail, 'a', 'b', { name: 'one' })]);
    await expect(runner.run(nodes, catalog, { hooks: [noting(notes)] })).rejects.toThrow('no');
    expect(notes.slice(2)).toEqual(['before one', 'failed one RangeError: no {"a":1}']);
  });

  test('are told of a generator that fails on its way', async () => {
    const notes: string[] = [];
    const { catalog } = createWatchedCatalog({ a: 1 });
    const pieces = function* (x: number) {
      yield x;
      throw new RangeError('no');
    };
    const nodes = pipeline([node(pieces, 'a', 'b', { name: 'one' })]);
    await expect(runner.run(nodes, catalog, { hooks: [noting(notes)] })).rejects.toThrow('no');
    expect(notes.slice(3)).toEqual([
      'after one [{"a":1},{}]',
      'before save b 1',
      'saved b',
      'failed one RangeError: no {"a":1}',
    ]);
  });

  test('may replace inputs, and only by returning them', async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const hooks: Hooks[] = [
      { beforeNodeRun: () => ({ a: 10 }) },
      {
        beforeNodeRun: async ({ inputs }) => {
          Reflect.set(inputs, 'a', 1000);
          return { a: 100 };
        },
      },
      { beforeNodeRun: () => null },
    ];
    const result = await runner.run(pipeline([node(addOne, 'a', 'b')]), catalog, { hooks });
    expect(await result.get('b')?.load()).toBe(11);
  });

  test('that return something else are refused', async () => {
    const { catalog } = createWatchedCatalog({ a: 1 });
    const wrong = JSON.parse('{"beforeNodeRun": null}') as { beforeNodeRun: unknown };
    wrong.beforeNodeRun = () => [1];
    const run = runner.run(pipeline([node(addOne, 'a', 'b', { name: 'one' })]), catalog, {
      hooks: [wrong as Hooks],
    });
    await expect(run).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(/'beforeNodeRun' must return.*'one'.*'array'/),
    });
  });

  test('that throw fail the run', async () => {
    const { catalog, notes } = createWatchedCatalog({ a: 1 }, ['b']);
    const hooks: Hooks[] = [
      {
        beforeDatasetSaved: () => {
          throw new Error('refused by a hook');
        },
      },
    ];
    const run = runner.run(pipeline([node(addOne, 'a', 'b')]), catalog, { hooks });
    await expect(run).rejects.toThrow('refused by a hook');
    expect(notes).toEqual(['load a']);
  });

  test('keep their this', async () => {
    class Counting implements Hooks {
      count = 0;
      afterNodeRun() {
        this.count += 1;
      }
    }
    const hook = new Counting();
    const { catalog } = createWatchedCatalog({ a: 1 });
    await runner.run(pipeline([node(addOne, 'a', 'b')]), catalog, { hooks: [hook] });
    expect(hook.count).toBe(1);
  });
});
