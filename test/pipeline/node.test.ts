import { describe, expect, it } from 'vitest';

import { Node, node } from '../../src/pipeline/node.ts';
import { PipelineError } from '../../src/pipeline/pipeline-error.ts';

function trainModel(rows: unknown): unknown {
  return rows;
}

/** A definition as untyped code could write it. */
function define(definition: Record<string, unknown>): () => Node {
  const complete = { func: trainModel, inputs: 'a', outputs: 'b', ...definition };
  return () => new Node(complete);
}

describe('the names of a node', () => {
  it("are Kedro's for a function of the module __main__", () => {
    const unnamed = node(trainModel, 'a', 'b');
    expect(unnamed.name).toBe('trainModel__2d998f1e');
    expect(unnamed.shortName).toBe('Train Model');
    expect(String(unnamed)).toBe('trainModel([a]) -> [b]');
    expect(node((rows: unknown) => rows, 'a', null).name).toMatch(/^<lambda>__[\da-f]{8}$/u);
    expect(node(trainModel.bind(null), 'a', 'b').funcName).toBe('partial(trainModel)');
  });

  it('are the given one under the namespace', () => {
    const named = node(trainModel, 'ns.a', 'ns.b', { name: 'train', namespace: 'ns.sub' });
    expect(named.name).toBe('ns.sub.train');
    expect(named.shortName).toBe('train');
    expect(named.namespacePrefixes).toEqual(['ns', 'ns.sub']);
    expect(String(named)).toBe('train: trainModel([ns.a]) -> [ns.b]');
    expect(node(trainModel, 'a', 'b', { name: '', namespace: '' }).namespace).toBeNull();
  });
});

describe('the identity of a node', () => {
  it('is its name with its inputs and outputs, whatever the order of a map', () => {
    const pass = (sides: Record<string, unknown>) => sides;
    const one = node(pass, { left: 'a', right: 'b' }, ['c'] as never, { name: 'n', tags: 't' });
    const same = node(pass, { right: 'b', left: 'a' }, ['c'] as never, { name: 'n' });
    expect(one.key).toBe(same.key);
    expect(one.copy({ inputs: ['a', 'b'] }).key).not.toBe(one.key);
    expect(one.copy({ name: 'm' }).key).not.toBe(one.key);
  });

  it('stays when the caller changes what was handed in', () => {
    const inputs = ['a'];
    const made = define({ inputs })();
    inputs.push('c');
    expect(made.inputs).toEqual(['a']);
  });

  it('is kept by a copy with more tags', () => {
    const made = node(trainModel, 'a', 'b', { tags: ['x'], confirms: 'a', passContext: false });
    expect(made.tag('y').tags).toEqual(new Set(['x', 'y']));
    expect(made.tag(['y']).confirms).toEqual(['a']);
    expect(made.tags).toEqual(new Set(['x']));
  });
});

describe('a node that is written wrongly', () => {
  it.each([
    [{ func: 'f' }, "first argument must be a function, not 'string'"],
    [{ inputs: 5 }, "'inputs' type must be one of [string, array, object, null], not 'number'"],
    [
      { outputs: new Set(['x']) },
      "'outputs' type must be one of [string, array, object, null], not 'Set'",
    ],
    [{ inputs: ['a', null] }, "names of datasets in 'inputs' must be strings, but one is 'null'"],
    [
      { outputs: { k: ['x'] } },
      "names of datasets in 'outputs' must be strings, but one is 'array'",
    ],
    [{ inputs: '' }, "a name of a dataset in 'inputs' is empty"],
    [{ name: 'my node', inputs: [], outputs: {} }, "'my node' is not a valid node name"],
    [{ name: 'n\n' }, 'is not a valid node name'],
    [{ name: 'n', inputs: [], outputs: null }, "Invalid Node definition 'n': it must have some"],
    [{ tags: ['a b'] }, "'a b' is not a valid tag of trainModel([a]) -> [b]"],
    [{ tags: '' }, 'is not a valid tag'],
    [{ outputs: ['b', 'b'] }, "duplicate output(s) ['b']"],
    [
      { inputs: 'b@csv', outputs: 'b@json' },
      "cannot have the same inputs and outputs even if they are transcoded: ['b']",
    ],
    [{ inputs: 'a@b@c' }, "Expected maximum 1 transcoding separator, found 2 instead: 'a@b@c'"],
  ])('%o is refused with the reason', (definition, reason) => {
    expect(define(definition)).toThrow(PipelineError);
    expect(define(definition)).toThrow(reason);
  });
});
