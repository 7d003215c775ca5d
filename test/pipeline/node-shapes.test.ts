import { describe, expectTypeOf, it } from 'vitest';

import type { NodeContext } from '../../src/pipeline/node-function.ts';
import type { Node } from '../../src/pipeline/node.ts';
import { node } from '../../src/pipeline/node.ts';

/* `tsc` judges this file: a line under `@ts-expect-error` must be refused, the others accepted. */

interface Split {
  readonly train: number[];
  readonly test: number[];
}

declare const makeNothing: () => void;
declare const makeOne: () => number;
declare const makeList: () => number[];
declare const clean: (raw: string) => string;
declare const add: (left: number, right: number) => number;
declare const addWithDefault: (left: number, right?: number) => number;
declare const sum: (...values: number[]) => number;
declare const addNamed: (sides: { left: number; right: number; scale?: number }) => number;
declare const split: (raw: number[]) => Promise<Split>;
declare const minMax: (raw: number[]) => [number, number];
declare const minMaxLater: (raw: number[]) => Promise<readonly [number, number]>;
declare const pieces: (raw: number[]) => Generator<number, void>;
declare const splitPieces: (raw: number[]) => AsyncGenerator<Split>;
declare const untyped: (raw: unknown) => unknown;
declare const record: (raw: Record<string, number>) => Record<string, number>;
declare const download: (url: string, context: NodeContext) => Promise<string>;
declare const downloadMaybe: (url: string, context?: NodeContext) => Promise<string>;
declare const wait: (context: { signal: AbortSignal }) => Promise<string>;
declare const wrapper: (...args: unknown[]) => unknown;
declare const identity: <T>(value: T) => T;
declare const fail: () => never;

/** Never called: only its types are looked at. */
export function accepted(names: string[]): readonly Node[] {
  return [
    node(makeOne, null, 'a'),
    node(makeOne, [], 'a'),
    node(clean, 'a', 'b'),
    node(clean, ['a'], 'b', { name: 'n', tags: ['x'], namespace: 'ns', confirms: 'a' }),
    node((raw: string) => raw.trim(), 'a', 'b'),
    node(add, ['a', 'b'], 'c'),
    node(addWithDefault, 'a', 'c'),
    node(addWithDefault, ['a', 'b'], 'c'),
    node(sum, ['a', 'b', 'c'], 'd'),
    node(sum, names, 'd'),
    node(sum, null, 'd'),
    node(Math.max, ['a', 'b'], 'c'),
    node(addNamed, { left: 'a', right: 'b' }, 'c'),
    node(addNamed, { left: 'a', right: 'b', scale: 'params:scale' }, 'c'),
    node(addNamed, 'sides', 'c'),
    node(split, 'raw', { train: 'x', test: 'y' }),
    node(split, 'raw', 'both'),
    node(minMax, 'raw', ['min', 'max']),
    node(minMaxLater, 'raw', ['min', 'max']),
    node(makeList, null, ['a', 'b', 'c']),
    node(makeList, null, 'a'),
    node(makeNothing as (raw: string) => void, 'raw', null),
    node(clean, 'raw', null),
    node(pieces, 'raw', 'piece'),
    node(splitPieces, 'raw', { train: 'x', test: 'y' }),
    node(untyped, 'raw', 'b'),
    node(untyped, { any: 'a' }, ['b', 'c']),
    node(untyped, 'raw', { any: 'b' }),
    node(record, { left: 'a', right: 'b' }, { left: 'c', right: 'd' }),
    node(download, 'params:url', 'page', { passContext: true }),
    node(downloadMaybe, 'params:url', 'page', { passContext: true }),
    node(downloadMaybe, 'params:url', 'page'),
    node(wait, null, 'done', { passContext: true }),
    node(wrapper, ['a', 'b'], 'c', { passContext: true }),
    node(identity, 'a', 'b'),
    node(fail, null, ['a', 'b']),
    node((raw: string, { signal }: NodeContext) => fetch(raw, { signal }), 'url', 'page', {
      passContext: true,
    }),
  ];
}

/** Never called: only its types are looked at. */
export function refused(names: string[]): readonly Node[] {
  return [
    // @ts-expect-error the function takes no input
    node(makeOne, 'a', 'b'),
    // @ts-expect-error the function needs an input
    node(clean, null, 'b'),
    // @ts-expect-error the function needs two inputs
    node(add, 'a', 'c'),
    // @ts-expect-error the function needs two inputs
    node(add, ['a'], 'c'),
    // @ts-expect-error the function takes only two inputs
    node(add, ['a', 'b', 'c'], 'd'),
    // @ts-expect-error nobody knows how many names there are
    node(add, names, 'd'),
    // @ts-expect-error two parameters are no map
    node(add, { left: 'a', right: 'b' }, 'c'),
    // @ts-expect-error the map lacks `right`
    node(addNamed, { left: 'a' }, 'c'),
    // @ts-expect-error the function knows no `middle`
    node(addNamed, { left: 'a', right: 'b', middle: 'c' }, 'd'),
    // @ts-expect-error the names of datasets are strings
    node(addNamed, { left: 'a', right: 2 }, 'd'),
    // @ts-expect-error text is no map
    node(clean, { raw: 'a' }, 'b'),
    // @ts-expect-error the function returns nothing
    node(makeNothing, null, 'a'),
    // @ts-expect-error the function returns no list
    node(clean, 'a', ['b', 'c']),
    // @ts-expect-error the function returns two values
    node(minMax, 'raw', ['min', 'max', 'mean']),
    // @ts-expect-error the promise is for two values
    node(minMaxLater, 'raw', ['min']),
    // @ts-expect-error the function returns a list
    node(minMax, 'raw', { min: 'min', max: 'max' }),
    // @ts-expect-error the function also returns `test`
    node(split, 'raw', { train: 'x' }),
    // @ts-expect-error the function returns no `rest`
    node(split, 'raw', { train: 'x', test: 'y', rest: 'z' }),
    // @ts-expect-error each piece is one number
    node(pieces, 'raw', ['a', 'b']),
    // @ts-expect-error each piece has `test` too
    node(splitPieces, 'raw', { train: 'x' }),
    // @ts-expect-error the function needs a context
    node(download, 'params:url', 'page'),
    // @ts-expect-error the last parameter takes no context
    node(add, 'a', 'b', { passContext: true }),
    // @ts-expect-error there is no parameter for the context
    node(makeOne, null, 'b', { passContext: true }),
    // @ts-expect-error not a function
    node('clean', 'a', 'b'),
    // @ts-expect-error no such option
    node(clean, 'a', 'b', { tag: 'x' }),
  ];
}

describe('the type of node()', () => {
  it('is a Node whatever the shapes', () => {
    expectTypeOf(node<typeof clean>).returns.toEqualTypeOf<Node>();
  });
});
