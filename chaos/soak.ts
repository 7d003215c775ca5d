import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatRequest, putLoad } from '../bench/load.ts';
import { writeTypescriptTwin } from '../bench/typescript-twin.ts';
import { copyProject } from '../test/cli/kedro-project-copy.ts';
import type { CliProcess } from '../test/cli/cli-process.ts';
import { descendantsOf } from '../test/kedro/process-tree.ts';
import { createTemporaryFolder } from '../test/nodejs/temporary-folder.ts';
import type { Census } from './census.ts';
import { openFilesOf, residentBytesOf } from './processes.ts';
import type { Report } from './report.ts';
import type { Chaos, Scenario } from './scenarios.ts';
import { portOf, serve } from './serve.ts';

const fullRuns = 20_000;
const clients = 8;
/** Share of the runs before which memory is still being taken up. */
const warmUp = 0.25;
const sampleEveryMs = 250;
const mostMegabytes = 1;
const megabyte = 1024 * 1024;
const restMs = 10_000;

interface Sample {
  readonly runs: number;
  readonly server: number;
  readonly workers: number;
}

/** What a process holds when nothing is to be done. */
interface Holdings {
  readonly files: number;
  readonly processes: number;
  readonly timers: number;
  readonly heapBytes: number;
}

/** Many runs in the same processes, which take no more and more for it. */
export const soak: Scenario = async (chaos) => {
  await using python = await copyProject('tiny-kedro');
  const inOnes = ['--python', chaos.python, '--workers', '2', '--max-runs-per-worker', '1000000'];
  await soakProject(chaos, 'Kedro', python.path, inOnes);
  await using typescript = await copyProject('tiny-kedro');
  await writeTypescriptTwin(typescript.path);
  await soakProject(chaos, 'TypeScript', typescript.path, []);
};

async function soakProject(
  { report, scale }: Chaos,
  name: string,
  folder: string,
  args: readonly string[],
): Promise<void> {
  const runs = Math.ceil(fullRuns * scale);
  await using outside = createTemporaryFolder();
  const census = join(outside.path, 'census');
  await using server = await serve(folder, args, {
    CHAOS_CENSUS: census,
    NODE_OPTIONS: `--expose-gc --import=${join(import.meta.dirname, 'census.ts')}`,
  });
  const port = await portOf(server);
  await load(port, Math.ceil(runs * warmUp), () => undefined);
  const before = await rest(server, census);
  const samples: Sample[] = [];
  let done = 0;
  const sampling = setInterval(() => samples.push(take(server.pid, done)), sampleEveryMs);
  const perSecond = await load(port, runs - Math.ceil(runs * warmUp), () => (done += 1));
  clearInterval(sampling);
  const after = await rest(server, census);
  report.tell(`${name}: ${runs} runs, ${perSecond.toFixed(0)} a second`);
  for (const who of args.length > 0 ? (['server', 'workers'] as const) : (['server'] as const)) {
    const slope = slopeOf(samples, (sample) => sample[who]);
    checkMegabytes(report, `${name}: memory of the ${who}, by regression over RSS`, slope);
  }
  const kept = ((after.heapBytes - before.heapBytes) / megabyte / done) * 1000;
  checkMegabytes(report, `${name}: what the server can reach, after collecting garbage`, kept);
  for (const what of ['files', 'processes', 'timers'] as const) {
    report.check({
      what: `${name}: open ${what} at rest`,
      measured: String(after[what]),
      bound: `${before[what]}, as before`,
      ok: after[what] <= before[what],
    });
  }
  server.kill('SIGTERM');
  const startedAt = performance.now();
  const { exitCode } = await server.ended;
  report.check({
    what: `${name}: nothing keeps the server from ending`,
    measured: `exit code ${exitCode} after ${(performance.now() - startedAt).toFixed(0)} ms`,
    bound: `0, ${restMs} ms`,
    ok: exitCode === 0 && performance.now() - startedAt <= restMs,
  });
}

/** Runs of every kind of call that leaves something behind if it may: waits, timeouts, keys, data. */
async function load(port: number, answers: number, onAnswer: () => void): Promise<number> {
  let sent = 0;
  const whole = JSON.stringify({ outputs: ['total'], timeout_ms: 600_000, labels: { of: 'soak' } });
  const { perSecond } = await putLoad({
    port,
    connections: clients,
    answers,
    nextRequest: () => {
      sent += 1;
      if (sent % 2 === 0) return formatRequest('POST', '/run', '{}');
      const key = sent % 4 === 1 ? [`Idempotency-Key: soak-${sent}-${performance.now()}`] : [];
      return formatRequest('POST', '/runs', whole, ['Prefer: wait=300', ...key]);
    },
    onAnswer: (status, body) => {
      // Runs that share files may spoil each other's until they are kept from it.
      if (status !== 200) throw new Error(`A run was answered ${status}: ${body}`);
      onAnswer();
    },
  });
  return perSecond;
}

function take(pid: number, runs: number): Sample {
  const sizes = descendantsOf(pid).map(residentBytesOf);
  return {
    runs,
    server: residentBytesOf(pid) / megabyte,
    workers: sizes.reduce((sum, size) => sum + size, 0) / megabyte,
  };
}

async function rest({ pid }: CliProcess, census: string): Promise<Holdings> {
  // Connections that were kept for a next request are closed by then.
  await delay(restMs);
  rmSync(census, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(census)) await delay(20);
  const { heapBytes, resources } = JSON.parse(readFileSync(census, 'utf8')) as Census;
  return {
    files: openFilesOf(pid),
    processes: descendantsOf(pid).length,
    timers: resources['Timeout'] ?? 0,
    heapBytes,
  };
}

/** Megabytes a 1,000 runs, by least squares. */
function slopeOf(samples: readonly Sample[], megabytesOf: (sample: Sample) => number): number {
  const mean = (value: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const [meanRuns, meanSize] = [mean(({ runs }) => runs), mean(megabytesOf)];
  const both = mean((sample) => (sample.runs - meanRuns) * (megabytesOf(sample) - meanSize));
  return (both / mean(({ runs }) => (runs - meanRuns) ** 2)) * 1000;
}

function checkMegabytes(report: Report, what: string, slope: number): void {
  report.check({
    what,
    measured: `${slope.toFixed(3)} MB a 1,000 runs`,
    bound: `${mostMegabytes} MB`,
    ok: slope < mostMegabytes,
  });
}
