import { describe, expect, it } from 'vitest';

import type { NodeContext } from '../../src/pipeline/node-function.ts';
import type { Node } from '../../src/pipeline/node.ts';
import { node } from '../../src/pipeline/node.ts';

async function piecesOf(made: Node, signal?: AbortSignal): Promise<readonly unknown[]> {
  const outputs = await made.run({}, { signal });
  if (outputs.kind === 'values') return [outputs.values];
  const pieces: unknown[] = [];
  for await (const piece of outputs.pieces) pieces.push(piece);
  return pieces;
}

function neverCalled(): number {
  throw new Error('The function was called.');
}

describe('running a node', () => {
  it('gives the values of a map as one object, and awaits the result', async () => {
    const area = async ({ width, height }: { width: number; height: number }) => [width * height];
    const made = node(area, { width: 'w', height: 'h' }, ['area']);
    expect(await made.run({ w: 2, h: 3 })).toEqual({ kind: 'values', values: { area: 6 } });
  });

  it('takes names of the object prototype for what they are', async () => {
    const made = node(
      (a: unknown, b: unknown) => [a, b],
      ['__proto__', 'toString'],
      ['constructor', 'b'],
    );
    const inputs = Object.fromEntries([
      ['__proto__', 1],
      ['toString', 2],
    ]);
    const outputs = await made.run(inputs);
    expect(outputs.kind === 'values' && Object.entries(outputs.values)).toEqual([
      ['constructor', 1],
      ['b', 2],
    ]);
    await expect(made.run({})).rejects.toThrow('but got the following 0 input(s) instead: []');
  });

  it('throws what the function throws as it is', async () => {
    const made = node(
      (): number => {
        const text: unknown = 'no more';
        throw text;
      },
      null,
      'a',
    );
    await expect(made.run({})).rejects.toBe('no more');
  });

  it('says what is wrong with a result, and of which node', async () => {
    const made = node((): unknown => new Map(), null, ['a', 'b'], { name: 'split' });
    await expect(made.run({})).rejects.toThrow(
      "Failed to save outputs of node split: <lambda>(None) -> [a;b].\nThe node definition contains a list of outputs ['a', 'b'], whereas the node function returned a 'Map'.",
    );
    const named = node((): unknown => ({ x: 1 }), null, { x: 'a', y: 'b' }, { name: 'split' });
    await expect(named.run({})).rejects.toThrow(
      "output keys ['x', 'y'] do not match with the returned output's keys ['x']",
    );
  });

  it('warns of a result that no output takes', async () => {
    const warnings: string[] = [];
    const made = node((rows: number[]) => rows, 'a', null, { name: 'n' });
    const outputs = await made.run({ a: [1] }, { onWarning: (message) => warnings.push(message) });
    expect(outputs).toEqual({ kind: 'values', values: {} });
    expect(warnings).toEqual([
      expect.stringContaining("Node 'n' returned a value of type 'array'"),
    ]);
  });
});

describe('the context of a node', () => {
  it('comes last, and only when it is asked for', async () => {
    const { signal } = new AbortController();
    const show = (url: string, context?: NodeContext) => [url, context?.signal];
    const asked = await node(show, 'url', 'out', { passContext: true }).run(
      { url: 'u' },
      { signal },
    );
    expect(asked).toEqual({ kind: 'values', values: { out: ['u', signal] } });
    const other = await node(show, 'url', 'out').run({ url: 'u' }, { signal });
    expect(other).toEqual({ kind: 'values', values: { out: ['u', undefined] } });
  });

  it('has a signal even when the run has none', async () => {
    const made = node((context: NodeContext) => context.signal.aborted, null, 'out', {
      passContext: true,
    });
    expect(await made.run({})).toEqual({ kind: 'values', values: { out: false } });
  });

  it('lets a function end when the run is asked to stop', async () => {
    const stopping = new AbortController();
    const wait = ({ signal }: NodeContext) =>
      new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const running = node(wait, null, 'out', { passContext: true }).run(
      {},
      { signal: stopping.signal },
    );
    const reason = new Error('asked to stop');
    stopping.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  it('is not made for a run that has been stopped', async () => {
    const reason = new Error('asked to stop');
    const running = node(neverCalled, null, 'out').run({}, { signal: AbortSignal.abort(reason) });
    await expect(running).rejects.toBe(reason);
  });
});

describe('a generator as a node', () => {
  it('gives piece by piece, each with all outputs', async () => {
    function* count(): Generator<{ even: number; odd: number }, void> {
      yield { even: 0, odd: 1 };
      yield { even: 2, odd: 3 };
    }
    expect(await piecesOf(node(count, null, { even: 'e', odd: 'o' }))).toEqual([
      { e: 0, o: 1 },
      { e: 2, o: 3 },
    ]);
    const later = node(
      async function* later() {
        for (const { even } of count()) yield even;
      },
      null,
      'e',
    );
    expect(await piecesOf(later)).toEqual([{ e: 0 }, { e: 2 }]);
  });

  it('is refused at the first piece of a wrong shape', async () => {
    function* count(): Generator<unknown, void> {
      yield [1, 2];
      yield [1, 2, 3];
    }
    await expect(piecesOf(node(count, null, ['a', 'b']))).rejects.toThrow('returned 3 output(s)');
  });

  it('is closed when nobody wants more, and stopped when the run is', async () => {
    const stopping = new AbortController();
    const seen: string[] = [];
    function* endless(): Generator<number, void> {
      try {
        for (let index = 0; ; index += 1) {
          if (index === 3) stopping.abort(new Error('asked to stop'));
          yield index;
        }
      } finally {
        seen.push('closed');
      }
    }
    const outputs = await node(endless, null, 'a').run({});
    if (outputs.kind === 'pieces')
      for await (const piece of outputs.pieces) if (piece['a'] === 1) break;
    await expect(piecesOf(node(endless, null, 'a'), stopping.signal)).rejects.toThrow(
      'asked to stop',
    );
    expect(seen).toEqual(['closed', 'closed']);
  });
});
