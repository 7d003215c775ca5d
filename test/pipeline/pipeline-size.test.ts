import { describe, expect, it } from 'vitest';

import { Node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';

const size = 10_000;
const limitMs = 1000;

/** Numbers below a limit that are the same in every run. */
function createRandom(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

const random = createRandom();

/** What each node takes; node `index` gives `d<index>`. */
const shapes: Readonly<Record<string, (index: number) => readonly string[]>> = {
  'a chain': (index) => [`d${index - 1}`],
  'a wide fan': (index) => (index === size - 1 ? ['d1', 'd2'] : ['root']),
  'random layers': (index) => {
    const layer = index - (index % 100);
    if (layer === 0) return ['root'];
    return Array.from({ length: 5 }, () => `d${layer - 100 + random(100)}`);
  },
};

function makeNodes(inputsOf: (index: number) => readonly string[]): readonly Node[] {
  return Array.from({ length: size }, (_, index) => {
    const options = { name: `n${(index * 7919) % size}`, tags: `t${index % 3}` };
    const func = () => null;
    return new Node({ func, inputs: inputsOf(index), outputs: `d${index}`, ...options });
  });
}

function timed<T>(what: string, figures: Record<string, number>, action: () => T): T {
  const start = performance.now();
  const result = action();
  figures[what] = Math.round(performance.now() - start);
  return result;
}

describe(`a pipeline of ${size} nodes`, () => {
  it.each(Object.entries(shapes))(
    'that is %s takes well under a second a step',
    (shape, inputsOf) => {
      const figures: Record<string, number> = {};
      const nodes = timed('make nodes', figures, () => makeNodes(inputsOf));
      const pipe = timed('build and sort', figures, () => pipeline(nodes));
      const last = nodes[size - 1];
      timed('filter', figures, () => pipe.filter({ tags: ['t0'], toNodes: [last?.name ?? ''] }));
      timed('from inputs', figures, () => pipe.fromInputs('d1'));
      timed('map to a namespace', figures, () => pipeline(pipe, { namespace: 'ns', tags: 'all' }));
      timed('add', figures, () => pipe.add(pipe));
      timed('warnings', figures, () => pipe.warnings());
      timed('group', figures, () => pipe.groupNodesBy());
      process.stdout.write(`${shape} of ${size} nodes, ms: ${JSON.stringify(figures)}\n`);
      expect(pipe.nodes).toHaveLength(size);
      for (const [what, ms] of Object.entries(figures)) expect(ms, what).toBeLessThan(limitMs);
    },
  );
});
