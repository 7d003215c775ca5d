import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatRequest, median, putLoad } from './load.ts';
import { copyProject, measureAlternating, ratio } from './measure.ts';
import type { Finding, Scenario } from './scenarios.ts';

const run = promisify(execFile);
const loadMs = 3000;

/** Runs in one process, so that neither side is judged by its first run alone, and rounds of processes. */
const sizes = [
  { nodes: 100, nativeRuns: 21, kedroRuns: 5, maxRounds: Infinity },
  { nodes: 1000, nativeRuns: 11, kedroRuns: 3, maxRounds: Infinity },
  // A run of Kedro's takes minutes.
  { nodes: 10_000, nativeRuns: 5, kedroRuns: 1, maxRounds: 1 },
];

async function measureOverhead(command: string, args: readonly string[]): Promise<number> {
  const { stdout } = await run(command, args, { env: { ...process.env, DO_NOT_TRACK: '1' } });
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
    microseconds_per_node: number;
  };
  return last.microseconds_per_node;
}

/** What a runner adds to each node of a chain in memory. */
export const nodeOverhead: Scenario = async ({ python, rounds }) => {
  const findings: Finding[] = [];
  for (const { nodes, nativeRuns, kedroRuns, maxRounds } of sizes) {
    const native: number[] = [];
    const kedro: number[] = [];
    for (let round = 0; round < Math.min(rounds, maxRounds); round += 1) {
      const measures = [
        async () =>
          native.push(
            await measureOverhead(process.execPath, [
              join(import.meta.dirname, 'native-nodes.ts'),
              String(nodes),
              String(nativeRuns),
            ]),
          ),
        async () =>
          kedro.push(
            await measureOverhead(python, [
              join(import.meta.dirname, 'kedro-nodes.py'),
              String(nodes),
              String(kedroRuns),
            ]),
          ),
      ];
      for (const measure of round % 2 === 0 ? measures : measures.toReversed()) await measure();
    }
    const medians = {
      'the sequential runner in TypeScript': median(native),
      "Kedro's SequentialRunner": median(kedro),
    };
    const share = median(native.map((figure, round) => (kedro[round] ?? Number.NaN) / figure));
    findings.push({
      what: `overhead of a node, ${nodes} nodes in memory`,
      unit: 'µs',
      medians,
      compared: `Kedro takes ${share.toFixed(0)} × (goal ≤ 10 µs${nodes < 1000 ? ' from 1,000 nodes on' : ''})`,
    });
  }
  return findings;
};

/** Two nodes that compute, in one thread and in two. */
export const parallelNodes: Scenario = async ({ rounds }) => {
  const script = join(import.meta.dirname, 'parallel-nodes.ts');
  const { stdout } = await run(process.execPath, [script, String(rounds)]);
  const { SequentialRunner, ParallelRunner, firstParallel } = JSON.parse(stdout) as Record<
    'SequentialRunner' | 'ParallelRunner' | 'firstParallel',
    number
  >;
  const medians = {
    'one after the other': SequentialRunner,
    'in two threads': ParallelRunner,
    'in two threads that have to start': firstParallel,
  };
  const times = (SequentialRunner / ParallelRunner).toFixed(2);
  const what = 'POST /run in TypeScript, two nodes that compute';
  return [{ what, unit: 'ms', medians, compared: `${times} × as fast in threads` }];
};

/** The tiny project over HTTP, one client; `inMemory` names the datasets that no file holds. */
function createTinyScenario(what: string, inMemory: readonly string[], goal: number): Scenario {
  return async ({ contenders: { native, nativeStored, kedro }, tiny, rounds }) => {
    const project = await copyProject(tiny);
    try {
      const entries = inMemory.map((name) => `${name}:\n  type: MemoryDataset\n`);
      await mkdir(join(project, 'conf/local'), { recursive: true });
      await writeFile(join(project, 'conf/local/catalog.yml'), entries.join(''));
      const request = formatRequest('POST', '/run', '{}');
      const figures = await measureAlternating(
        [native, nativeStored, kedro],
        project,
        rounds,
        async ({ port }) => {
          const load = {
            port,
            connections: 1,
            nextRequest: () => request,
            onAnswer: (status: number, body: string) => {
              if (status !== 200 || !body.includes('"success"')) throw new Error(body);
            },
          };
          await putLoad({ ...load, durationMs: loadMs });
          return (await putLoad({ ...load, durationMs: loadMs })).perSecond;
        },
      );
      const medians = Object.fromEntries(
        [...figures].map(([name, values]) => [name, median(values)]),
      );
      const times = ratio(figures, native.name, kedro.name).toFixed(1);
      const stored = ratio(figures, nativeStored.name, kedro.name).toFixed(1);
      const compared = `${times} × (goal ${goal}), ${stored} × with runs kept`;
      return [{ what, unit: 'runs/s', medians, compared }];
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  };
}

export const tinyInMemory = createTinyScenario(
  'POST /run in TypeScript, two nodes, a file read, the result in memory, 1 client',
  ['doubled', 'total'],
  60,
);

export const tinyOnDisk = createTinyScenario(
  'POST /run in TypeScript, two nodes, a JSON file read and one written whole, 1 client',
  ['doubled'],
  30,
);
