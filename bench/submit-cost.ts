import { rm } from 'node:fs/promises';
import { formatRequest, median, putLoad, quantile } from './load.ts';
import { copyProject } from './measure.ts';
import type { Bench, Finding } from './scenarios.ts';

const answersEach = 50;
const turns = 8;

/** The median latency in milliseconds of `POST /run`, and of `POST /runs` that waits. */
async function measureTurn(port: number): Promise<readonly [run: number, submit: number]> {
  const latencies = async (request: Buffer): Promise<number> => {
    const load = { port, connections: 1, nextRequest: () => request, answers: answersEach };
    return quantile((await putLoad(load)).latenciesMs, 0.5);
  };
  const run = formatRequest('POST', '/run', '{}');
  const submit = formatRequest('POST', '/runs', '{}', ['Prefer: wait=30']);
  return [await latencies(run), await latencies(submit)];
}

/** The same run by both routes of one server, in turns. */
export async function submitCost({
  contenders: { ours },
  tiny,
  rounds,
}: Bench): Promise<Finding[]> {
  const runs: number[] = [];
  const submits: number[] = [];
  const more: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const copy = await copyProject(tiny);
    const running = await ours.start(copy);
    try {
      await measureTurn(running.port);
      for (let turn = 0; turn < turns; turn += 1) {
        const [run, submit] = await measureTurn(running.port);
        runs.push(run);
        submits.push(submit);
        more.push(submit - run);
      }
    } finally {
      await running.stop();
      await rm(copy, { recursive: true, force: true });
    }
  }
  return [
    {
      what: 'POST /runs with Prefer: wait beside POST /run, two nodes on JSON files, 1 client',
      unit: 'ms',
      medians: { 'POST /run': median(runs), 'POST /runs, Prefer: wait': median(submits) },
      compared: `${median(more).toFixed(2)} ms more at the median (goal ≤ 0.3)`,
    },
  ];
}
