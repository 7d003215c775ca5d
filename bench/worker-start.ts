import { kedroPython } from '../scripts/python-env.ts';
import { createKedroExecutor } from '../src/kedro/kedro-executor.ts';
import type { WorkerStart } from '../src/kedro/supervisor.ts';
import type { RunOrder } from '../src/executor/run-order.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './load.ts';
import { copyProject } from './measure.ts';
import { sumProportionalMegabytes } from './process-memory.ts';

const rounds = 3;
const order: RunOrder = {
  runId: '',
  pipelineNames: null,
  fromInputs: null,
  toOutputs: null,
  fromNodes: null,
  toNodes: null,
  nodeNames: null,
  tags: null,
  namespaces: null,
  loadVersions: null,
  runner: null,
  isAsync: false,
  onlyMissingOutputs: false,
  paramsJson: null,
};
let runs = 0;

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
    runs += 1;
    const runId = `2026-01-01T00.00.00.${String(runs).padStart(3, '0')}Z`;
    for await (const event of executor.execute({ ...order, runId })) {
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
