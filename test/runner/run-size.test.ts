import { expect, test } from 'vitest';

import { createDataCatalog } from '../../src/catalog/data-catalog.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { createConcurrentRunner, createSequentialRunner } from '../../src/runner/create-runner.ts';

const size = 10_000;
const addOne = (x: number) => x + 1;
const chain = pipeline(
  Array.from({ length: size }, (_, i) => node(addOne, `d${i}`, `d${i + 1}`, { name: `n${i}` })),
);
const wide = pipeline(
  Array.from({ length: size }, (_, i) => node(addOne, 'd0', `e${i}`, { name: `n${i}` })),
);

/** About 60 ms on a quiet machine; what grows with the square takes minutes. */
const limitMs = 5000;

test.each([
  ['in order', createSequentialRunner(), chain],
  ['concurrently', createConcurrentRunner(), chain],
  ['concurrently side by side', createConcurrentRunner(), wide],
])('%s, 10,000 nodes take time that grows with their number', async (_, runner, nodes) => {
  const catalog = createDataCatalog();
  catalog.set('d0', 0);
  const startedAt = performance.now();
  let events = 0;
  const result = await runner.run(nodes, catalog, { onEvent: () => (events += 1) });
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
  expect(events).toBe(size * 4 + 1);
  expect(await result.get(nodes === chain ? `d${size}` : 'e9')?.load()).toBe(
    nodes === chain ? size : 1,
  );
});

test('a failure among 10,000 nodes finds its advice as fast', async () => {
  const nodes = chain.subtract(chain.onlyNodes(`n${size - 1}`)).add(
    pipeline([
      node(
        (_x: number): number => {
          throw new Error('no');
        },
        `d${size - 1}`,
        'end',
        { name: 'last' },
      ),
    ]),
  );
  const catalog = createDataCatalog();
  catalog.set('d0', 0);
  const lines: string[] = [];
  const startedAt = performance.now();
  const run = createSequentialRunner().run(nodes, catalog, {
    onEvent: (event) => {
      if (event.type === 'log') lines.push(event.message);
    },
  });
  await expect(run).rejects.toThrow('no');
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
  expect(lines.at(-1)).toContain('--from-nodes "n0"');
});
