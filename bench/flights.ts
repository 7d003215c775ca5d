import { execFile } from 'node:child_process';
import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatRequest, putLoad } from './load.ts';
import { copyProject } from './measure.ts';
import { processorSecondsOf } from './processor-seconds.ts';
import type { Finding, Scenario } from './scenarios.ts';
import type { Contender } from './servers.ts';

interface Measured {
  readonly seconds: number;
  /** Of all the process's threads: what other work on the machine does not change. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/** The most memory that a process has had at once, in MiB. Linux only. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/mu.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** The first run of a fresh server, over HTTP. */
async function measureRun(
  contender: Contender,
  project: string,
  pipeline: string,
  flights: string,
): Promise<Measured> {
  const copy = await copyProject(join(root, project));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  const running = await contender.start(copy);
  try {
    const body = JSON.stringify({ pipeline_names: [pipeline], params: { flights } });
    const request = formatRequest('POST', '/run', body);
    let answer = '';
    const spentBefore = await processorSecondsOf(running.pid);
    const startedAt = performance.now();
    await putLoad({
      port: running.port,
      connections: 1,
      answers: 1,
      nextRequest: () => request,
      onAnswer: (_status, text) => (answer = text),
    });
    const seconds = (performance.now() - startedAt) / 1000;
    if (!answer.includes('"success"')) throw new Error(`${project} failed: ${answer}`);
    const processorSeconds = (await processorSecondsOf(running.pid)) - spentBefore;
    return { seconds, processorSeconds, peakMegabytes: await peakOf(running.pid) };
  } finally {
    await running.stop();
    await rm(copy, { recursive: true, force: true });
  }
}

/** The same pipeline without native code, in a fresh process. */
async function measurePortable(flights: string): Promise<Measured> {
  const program = join(import.meta.dirname, 'portable-flights.ts');
  const { stdout } = await run(process.execPath, [program, flights]);
  return JSON.parse(stdout) as Measured;
}

async function compare(
  what: string,
  rounds: number,
  contenders: Readonly<Record<string, () => Promise<Measured>>>,
): Promise<readonly Finding[]> {
  const names = Object.keys(contenders);
  const measured = new Map<string, Measured[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [place] of names.entries()) {
      const name = names[(place + round) % names.length] ?? '';
      const one = await contenders[name]?.();
      if (one !== undefined) measured.get(name)?.push(one);
    }
  }
  const toFinding = (unit: string, pick: (one: Measured) => number): Finding => {
    const medians = Object.fromEntries(
      Array.from(measured, ([name, all]) => [name, median(all.map(pick))]),
    );
    const ratio = (medians['kedro-server'] ?? Number.NaN) / (medians["Kedro's server"] ?? 1);
    return { what, unit, medians, compared: `${ratio.toFixed(2)} × Kedro's (goal ≤ 0.50)` };
  };
  return [
    toFinding('s', ({ seconds }) => seconds),
    toFinding('s of processor time', ({ processorSeconds }) => processorSeconds),
    toFinding('MiB at most', ({ peakMegabytes }) => peakMegabytes),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function flightsScenario(pipeline: string, flights: string): Scenario {
  return async ({ contenders: { ours, kedro }, rounds }) =>
    await compare(`flights, pipeline ${pipeline}, ${flights}`, rounds, {
      'kedro-server': async () => await measureRun(ours, 'examples/flights', pipeline, flights),
      "Kedro's server": async () =>
        await measureRun(kedro, 'examples/flights-kedro', pipeline, flights),
      ...(pipeline === 'clock' && {
        'without native code': async () => await measurePortable(flights),
      }),
    });
}

/** The flights example in TypeScript on DuckDB beside the same in Python on pandas. */
export const flightsScenarios: Readonly<Record<string, Scenario>> = {
  'flights-200k': flightsScenario('clock', '200k'),
  'flights-clock-3m': flightsScenario('clock', '3m'),
  'flights-3m': flightsScenario('__default__', '3m'),
};
