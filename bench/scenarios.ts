import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { flightsScenarios } from './flights.ts';
import { formatRequest, median, putLoad, quantile } from './load.ts';
import { measureAlternating, ratio, type Figures } from './measure.ts';
import { nodeOverhead, parallelNodes, tinyInMemory, tinyOnDisk } from './native-scenarios.ts';
import { readers } from './readers.ts';
import { sumProportionalMegabytes } from './process-memory.ts';
import { runtimeRatios } from './runtimes.ts';
import { submitCost } from './submit-cost.ts';
import type { createContenders } from './servers.ts';

/** A line of the report: what was measured, the medians, and how they compare with the goal. */
export interface Finding {
  readonly what: string;
  readonly medians: Readonly<Record<string, number>>;
  readonly unit: string;
  readonly compared: string;
}

export interface Bench {
  readonly contenders: ReturnType<typeof createContenders>;
  readonly python: string;
  readonly rounds: number;
  readonly tiny: string;
  readonly faults: string;
  readonly flights: string;
}

export type Scenario = (bench: Bench) => Promise<readonly Finding[]>;

const run = promisify(execFile);
const requestsMs = 3000;
const warmUpAnswers = 200;
const runBody = (body: object): Buffer => formatRequest('POST', '/run', JSON.stringify(body));

function finding(what: string, unit: string, figures: Figures, compared: string): Finding {
  const medians = Object.fromEntries([...figures].map(([name, values]) => [name, median(values)]));
  return { what, unit, medians, compared };
}

const times = (value: number): string => `${value.toFixed(2)} ×`;

async function requestsPerSecond(port: number, path: string, connections: number): Promise<number> {
  const request = formatRequest('GET', path);
  const load = { port, connections, nextRequest: () => request };
  await putLoad({ ...load, answers: warmUpAnswers });
  return (await putLoad({ ...load, durationMs: requestsMs })).perSecond;
}

const health: Scenario = async ({ contenders: { ours, kedro, bare }, tiny, rounds }) => {
  const figures = await measureAlternating([ours, kedro, bare], tiny, rounds, async ({ port }) =>
    requestsPerSecond(port, '/health', 16),
  );
  const overKedro = ratio(figures, ours.name, kedro.name);
  const overBare = ratio(figures, ours.name, bare.name);
  return [
    finding(
      'GET /health',
      'requests/s',
      figures,
      `${times(overKedro)} Kedro's (goal 13), ${times(overBare)} bare node:http (goal 0.75)`,
    ),
  ];
};

const snapshot: Scenario = async ({ contenders: { ours, kedro }, tiny, rounds }) => {
  const figures = await measureAlternating([ours, kedro], tiny, rounds, async ({ port }) =>
    requestsPerSecond(port, '/snapshot', 8),
  );
  return [
    finding(
      'GET /snapshot',
      'requests/s',
      figures,
      `${times(ratio(figures, ours.name, kedro.name))} (goal 50)`,
    ),
  ];
};

const runLatency: Scenario = async ({ contenders: { ours, kedro }, tiny, rounds, python }) => {
  const request = runBody({});
  const figures = await measureAlternating([ours, kedro], tiny, rounds, async ({ port }) => {
    const load = { port, connections: 1, nextRequest: () => request };
    await putLoad({ ...load, answers: 50 });
    return quantile((await putLoad({ ...load, answers: 200 })).latenciesMs, 0.5);
  });
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await run(
      python,
      [join(import.meta.dirname, 'bare-session.py'), tiny, '200'],
      {
        env: { ...process.env, DO_NOT_TRACK: '1' },
      },
    );
    bare.push(
      (JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { median_ms: number }).median_ms,
    );
  }
  const all = new Map([...figures, ['bare session.run()', bare]]);
  const over = median(figures.get(ours.name) ?? []) - median(bare);
  return [
    finding(
      'POST /run, two nodes on JSON files, 1 client',
      'ms',
      all,
      `${times(ratio(figures, ours.name, kedro.name))} (goal ≤ 0.30), ${over.toFixed(2)} ms over bare session.run() (goal ≤ 1.5)`,
    ),
  ];
};

const runThroughput: Scenario = async ({
  contenders: { ours, kedro, uvicorn },
  faults,
  rounds,
}) => {
  const request = runBody({ pipeline_names: ['memory'] });
  const figures = await measureAlternating(
    [ours, kedro, uvicorn],
    faults,
    rounds,
    async ({ port }) => {
      const load = { port, connections: 8, nextRequest: () => request };
      await putLoad({ ...load, answers: 80 });
      return (await putLoad({ ...load, durationMs: 2 * requestsMs })).perSecond;
    },
  );
  return [
    finding(
      'POST /run, two nodes, result in memory, 8 clients',
      'runs/s',
      figures,
      `${times(ratio(figures, ours.name, kedro.name))} Kedro's (goal 7), ${times(ratio(figures, ours.name, uvicorn.name))} with uvicorn --workers 2 (goal 3.5)`,
    ),
  ];
};

const processorBound: Scenario = async ({ contenders: { ours, kedro }, faults, rounds }) => {
  const request = runBody({ pipeline_names: ['busy'], params: { seconds: 0.14 } });
  const figures = await measureAlternating([ours, kedro], faults, rounds, async ({ port }) => {
    const load = { port, connections: 2, nextRequest: () => request };
    await putLoad({ ...load, answers: 6 });
    return (await putLoad({ ...load, answers: 60 })).perSecond;
  });
  return [
    finding(
      'POST /run, a node of 0.14 s of processor time, 2 clients',
      'runs/s',
      figures,
      `${times(ratio(figures, ours.name, kedro.name))} (goal 2.1)`,
    ),
  ];
};

const isolation: Scenario = async ({ contenders: { ours, kedro }, faults }) => {
  const runs = 400;
  const figures = await measureAlternating([ours, kedro], faults, 1, async ({ port }, copy) => {
    let sent = 0;
    await putLoad({
      port,
      connections: 8,
      answers: runs,
      nextRequest: () => {
        sent += 1;
        return runBody({ pipeline_names: ['echo'], params: { tenant: `tenant-${sent}` } });
      },
    });
    let wrong = 0;
    for (let tenant = 1; tenant <= runs; tenant += 1) {
      const expected = { params: `tenant-${tenant}`, resolver: `tenant-${tenant}` };
      const text = await readFile(join(copy, `data/echo-tenant-${tenant}.json`), 'utf8').catch(
        () => '',
      );
      if (text === '' || JSON.stringify(JSON.parse(text)) !== JSON.stringify(expected)) wrong += 1;
    }
    return wrong;
  });
  return [finding(`${runs} runs with different params, 8 clients`, 'wrong', figures, 'goal 0')];
};

const firstRun: Scenario = async ({ contenders: { ours, kedro }, flights, rounds }) => {
  const request = runBody({ pipeline_names: ['__default__'] });
  const figures = await measureAlternating(
    [ours, kedro],
    flights,
    rounds,
    async ({ port, startMs }) => {
      const startedAt = performance.now();
      await putLoad({ port, connections: 1, answers: 1, nextRequest: () => request });
      return startMs + performance.now() - startedAt;
    },
  );
  return [
    finding(
      'start to the first finished run, flights project',
      'ms',
      figures,
      `${times(ratio(figures, ours.name, kedro.name))} (goal ≤ 1.3)`,
    ),
  ];
};

const memory: Scenario = async ({ contenders: { ours, kedro }, flights, rounds }) => {
  const request = runBody({});
  const figures = await measureAlternating(
    [ours, kedro],
    flights,
    rounds,
    async ({ port, pid }) => {
      await putLoad({ port, connections: 2, answers: 6, nextRequest: () => request });
      return sumProportionalMegabytes(pid);
    },
  );
  return [
    finding(
      'memory after six runs, two at a time, flights project',
      'MiB PSS',
      figures,
      `${times(ratio(figures, ours.name, kedro.name))} (goal ≤ 1.6)`,
    ),
  ];
};

/** Every scenario by the name that `npm run bench -- NAME` takes. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  health,
  snapshot,
  'run-latency': runLatency,
  'run-throughput': runThroughput,
  'submit-cost': submitCost,
  readers,
  'processor-bound': processorBound,
  isolation,
  'first-run': firstRun,
  memory,
  'node-overhead': nodeOverhead,
  'tiny-in-memory': tinyInMemory,
  'tiny-on-disk': tinyOnDisk,
  'parallel-nodes': parallelNodes,
  runtimes: runtimeRatios,
  ...flightsScenarios,
};
