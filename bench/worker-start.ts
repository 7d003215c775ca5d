import { kedroPython } from '../scripts/python-env.ts';
import { createKedroExecutor } from '../src/kedro/kedro-executor.ts';
import type { WorkerStart } from '../src/kedro/supervisor.ts';
import { createRunOrder } from '../test/conformance/run-order.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './load.ts';
import { copyProject } from './measure.ts';
import { sumProportionalMegabytes } from './process-memory.ts';

const rounds = 3;

/** `node bench/worker-start.ts`: forks of one process against fresh processes, on the flights project. */
async function measure(workerStart: WorkerStart, python: string): Promise<Record<string, number>> {
  const projectPath = await copyProject(join(import.meta.dirname, '../examples/flights-kedro'));
  const executor = createKedroExecutor({
    projectPath,
    python,
    workers: 2,
    workerStart,
  });
  const runOnce = async (): Promise<void> => {
    for await (const event of executor.execute(createRunOrder())) {
      if (event.type === 'run.ended' && event.error !== null) throw new Error(event.error.message);
    }
  };
  try {
    const startedAt = performance.now();
    await executor.open();
    const openMs = performance.now() - startedAt;
    await runOnce();
    const firstRunMs = performance.now() - startedAt;
    await Promise.all([runOnce(), runOnce()]);
    await Promise.all([runOnce(), runOnce()]);
    const pssMb =
      (await sumProportionalMegabytes(process.pid)) - process.memoryUsage.rss() / 2 ** 20;
    const recycleStartedAt = performance.now();
    await executor.reload('measured');
    await runOnce();
    return { openMs, firstRunMs, pssMb, reloadMs: performance.now() - recycleStartedAt };
  } finally {
    await executor.close();
    await rm(projectPath, { recursive: true, force: true });
  }
}

const python = await kedroPython('newest');
const found: Record<WorkerStart, Record<string, number>[]> = { fork: [], spawn: [] };
for (let round = 0; round < rounds; round += 1) {
  for (const start of ['fork', 'spawn'] as const) found[start].push(await measure(start, python));
}
for (const [start, figures] of Object.entries(found)) {
  const medians = Object.keys(figures[0] ?? {}).map(
    (name) => `${name} ${median(figures.map((figure) => figure[name] ?? Number.NaN)).toFixed(0)}`,
  );
  console.log(`${start.padEnd(6)} ${medians.join('  ')}`);
}
