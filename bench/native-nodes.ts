import { createDataCatalog } from '../src/catalog/data-catalog.ts';
import { node } from '../src/pipeline/node.ts';
import { pipeline } from '../src/pipeline/pipeline.ts';
import { createSequentialRunner } from '../src/runner/create-runner.ts';
import { median } from './load.ts';

/** `node bench/native-nodes.ts NODES RUNS`: times the sequential runner on a chain of nodes in memory. */
const [nodes, runs] = process.argv.slice(2).map(Number) as [number, number];
const addOne = (number: number): number => number + 1;
const chain = pipeline(
  Array.from({ length: nodes }, (_, i) => node(addOne, `d${i}`, `d${i + 1}`, { name: `n${i}` })),
);
const times: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const catalog = createDataCatalog();
  catalog.set('d0', 0);
  let events = 0;
  const startedAt = performance.now();
  const result = await createSequentialRunner().run(chain, catalog, {
    onEvent: () => (events += 1),
  });
  times.push(((performance.now() - startedAt) * 1000) / nodes);
  const last = await result.get(`d${nodes}`)?.load();
  if (last !== nodes || events !== 4 * nodes + 1) throw new Error('The run was not whole.');
}
console.log(JSON.stringify({ microseconds_per_node: median(times) }));
