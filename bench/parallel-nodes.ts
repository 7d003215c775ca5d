import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpServer } from '../src/adapters/node.ts';
import { median } from './load.ts';

/** `node bench/parallel-nodes.ts RUNS`: two nodes that compute, one after the other and in threads. */
const files = {
  'package.json': '{"type":"module","kedro":{"projectName":"Busy","packageName":"busy"}}',
  'conf/base/catalog.yml': '',
  'conf/base/parameters.yml': 'steps: 200000000\n',
  'src/pipeline_registry.ts': `import { node, pipeline } from 'kedro-server';
const compute = (steps: number) => {
  let value = 1;
  for (let step = 0; step < steps; step += 1) value = (value * 31 + step) % 1_000_003;
  return value;
};
export const registerPipelines = () => ({
  __default__: pipeline([
    node(compute, 'params:steps', 'left', { name: 'left' }),
    node(compute, 'params:steps', 'right', { name: 'right' }),
  ]),
});
`,
};

const runs = Number(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'kedro-server-bench-'));
try {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await using app = createHttpServer({ projectPath: folder });
  const time = async (runner: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ runner });
    const response = await app.request('/run', { method: 'POST', headers, body });
    const { status, duration_ms: durationMs } = (await response.json()) as {
      status: string;
      duration_ms: number;
    };
    if (status !== 'success') throw new Error(`The run with ${runner} failed.`);
    return durationMs;
  };
  const times: Record<string, number[]> = { SequentialRunner: [], ParallelRunner: [] };
  const first = await time('ParallelRunner');
  for (let run = 0; run < runs; run += 1) {
    for (const [runner, all] of Object.entries(times)) all.push(await time(runner));
  }
  const medians = Object.entries(times).map(([runner, all]) => [runner, median(all)]);
  console.log(JSON.stringify({ ...Object.fromEntries(medians), firstParallel: first }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
