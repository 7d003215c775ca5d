import { execFile } from 'node:child_process';
import { appendFile, copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kedroPython } from '../scripts/python-env.ts';
import type { RunOrder } from '../src/executor/run-order.ts';
import { createKedroExecutor, type KedroExecutor } from '../src/kedro/kedro-executor.ts';
import { createRunOrder } from '../test/conformance/run-order.ts';
import { formatRequest, putLoad, quantile } from './load.ts';
import { copyProject } from './measure.ts';
import { createContenders, type Running } from './servers.ts';

interface Case {
  readonly what: string;
  readonly pipeline: string;
  readonly inputs: object;
  readonly output: string;
}

const runs = 400;
const customers = Array.from({ length: 1000 }, (_, id) => ({
  id,
  age: 20 + (id % 60),
  spent: id / 7,
  name: `customer ${id}`,
}));
const cases: readonly Case[] = [
  {
    what: 'two nodes, 100 numbers in, their sum out',
    pipeline: 'numbers',
    inputs: { given: Array.from({ length: 100 }, (_, index) => index) },
    output: 'sum',
  },
  {
    what: 'one node, 1,000 records in as a pandas.DataFrame, and out with a column more',
    pipeline: 'table',
    inputs: { customers },
    output: 'scores',
  },
];

/** `node bench/feed.ts`: data in and out, over HTTP, at the executor and in a bare Kedro session. */
async function createProject(): Promise<string> {
  const copy = await copyProject(join(import.meta.dirname, '../test/fixtures/tiny-kedro'));
  const registry = join(copy, 'src/tiny/pipeline_registry.py');
  await copyFile(join(import.meta.dirname, 'feed-project.py'), registry);
  const entry = 'customers: { type: pandas.CSVDataset, filepath: data/customers.csv }\n';
  await appendFile(join(copy, 'conf/base/catalog.yml'), `\n${entry}`);
  return copy;
}

async function timeRun(executor: KedroExecutor, wanted: Partial<RunOrder>): Promise<number> {
  const startedAt = performance.now();
  for await (const event of executor.execute(createRunOrder(wanted))) {
    if (event.type === 'output.failed') throw new Error(event.error.message);
    if (event.type === 'run.ended' && event.error !== null) throw new Error(event.error.message);
  }
  return performance.now() - startedAt;
}

async function measureExecutor(executor: KedroExecutor, each: Case): Promise<number[]> {
  const latenciesMs: number[] = [];
  const inputsJson = JSON.stringify(each.inputs);
  for (let count = -20; count < runs; count += 1) {
    const wanted = { pipelineNames: [each.pipeline], inputsJson, outputs: [each.output] };
    const ms = await timeRun(executor, wanted);
    if (count >= 0) latenciesMs.push(ms);
  }
  return latenciesMs;
}

async function measureHttp({ port }: Running, each: Case): Promise<readonly number[]> {
  const { pipeline, inputs, output } = each;
  const body = JSON.stringify({ pipeline_names: [pipeline], inputs, outputs: [output] });
  const request = formatRequest('POST', '/runs', body, ['Prefer: wait=30']);
  const load = {
    port,
    connections: 1,
    nextRequest: () => request,
    onAnswer: (status: number, answer: string) => {
      if (status !== 200 || !answer.includes('"succeeded"')) throw new Error(answer);
    },
  };
  await putLoad({ ...load, answers: 20 });
  return (await putLoad({ ...load, answers: runs })).latenciesMs;
}

async function measureBare(python: string, project: string, each: Case): Promise<number[]> {
  const program = join(import.meta.dirname, 'bare-feed.py');
  const asked = [project, each.pipeline, JSON.stringify(each.inputs), each.output, String(runs)];
  const { stdout } = await promisify(execFile)(python, [program, ...asked], {
    env: { ...process.env, DO_NOT_TRACK: '1' },
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as number[];
}

function report(name: string, latenciesMs: readonly number[]): void {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
  console.log(`  ${name.padEnd(24)} p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`);
}

// The environment's telemetry plugin would wait for a network.
process.env['DO_NOT_TRACK'] = '1';
const python = await kedroPython('newest');
const project = await createProject();
const server = await createContenders(python).ours.start(project);
const executor = createKedroExecutor({ projectPath: project, python, workers: 1 });
try {
  for (const each of cases) {
    console.log(each.what);
    report('bare session.run()', await measureBare(python, project, each));
    report('the Kedro executor', await measureExecutor(executor, each));
    report('POST /runs, Prefer: wait', await measureHttp(server, each));
  }
} finally {
  await Promise.all([executor.close(), server.stop()]);
  await rm(project, { recursive: true, force: true });
}
