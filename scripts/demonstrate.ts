import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { createHttpServer, serve } from '../src/adapters/node.ts';
import { createStopSignal } from '../src/nodejs/stop-signal.ts';
import type { Run } from '../src/contract/run-resource.ts';
import { followRun, readOutput, readRun, submitRun } from './follow-run.ts';
import { createNodeProgress, toSeconds } from './node-progress.ts';

/** One of the flights projects, to be shown. */
export interface Demonstration {
  /** The npm script that starts it. */
  readonly script: string;
  /** Relative to the repository. */
  readonly project: string;
  /** Prepares an interpreter, where the project needs one. */
  preparePython?(): Promise<string>;
}

interface Metrics {
  readonly r2: number;
  readonly error: number;
  readonly error_of_mean: number;
  readonly coefficients: Readonly<Record<string, number>>;
}

const models = ['clock_model.metrics', 'journey_model.metrics'];
const root = join(import.meta.dirname, '..');

/**
 * Serves the project on a free port, starts a run over HTTP, and shows on the terminal how it goes,
 * what comes out and what to try next; goes on serving until Ctrl-C, or ends with `--once`. The
 * exit code is 1 when the run failed.
 */
export async function demonstrate(demonstration: Demonstration): Promise<void> {
  const { script, project } = demonstration;
  const { values: options } = parseArgs({
    options: {
      flights: { type: 'string', default: '3m' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(`Serves ${project}, starts a run over HTTP and shows what comes out.

  npm run ${script} -- [--flights 2k|5k|10k|20k|3m] [--once]

  --flights  which flights to run on; 3m (three million) by default
  --once     end after the run; the exit code is 1 when it failed`);
    return;
  }
  process.exitCode = await serveAndRun(demonstration, options);
}

async function serveAndRun(
  { project, preparePython }: Demonstration,
  { flights, once }: { readonly flights: string; readonly once: boolean },
): Promise<number> {
  process.env['DO_NOT_TRACK'] ??= '1';
  const python =
    preparePython === undefined ? undefined : await timed('Python with Kedro', preparePython);
  using stop = createStopSignal((exitCode) => process.exit(exitCode));
  const stopped = new AbortController();
  void stop.received.then(() => {
    console.log('\nStopping …');
    stopped.abort();
  });
  const { signal } = stopped;
  const projectPath = join(root, project);
  await using app = createHttpServer({ projectPath, python });
  try {
    const starting = timed(`Server of ${project}`, () => serve(app, { port: 0, signal }));
    await using server = await starting;
    const succeeded = await runOnce(server.url, flights, projectPath);
    if (once) return succeeded ? 0 : 1;
    if (!signal.aborted) showWhatNext(server.url);
    await stop.received;
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  }
}

async function runOnce(url: string, flights: string, projectPath: string): Promise<boolean> {
  const submission = { params: { flights }, outputs: models };
  console.log(`\nPOST ${url}/runs ${JSON.stringify(submission)}`);
  const submitted = await submitRun(url, submission);
  console.log(`202 ${submitted.links.self}\n`);
  const showProgress = createNodeProgress(process.stdout);
  for await (const event of followRun(url, submitted)) showProgress(event);
  const run = await readRun(url, submitted);
  if (run.status === 'succeeded') await showResult(url, run, projectPath);
  else console.log(`\nThe run ${run.status}: ${run.error?.message ?? 'it says no more'}`);
  return run.status === 'succeeded';
}

async function showResult(url: string, run: Run, projectPath: string): Promise<void> {
  const took = toSeconds(run.duration_ms ?? 0);
  console.log(`\nThe run took ${took}. Two linear models of how late a flight is:`);
  for (const name of models) {
    const metrics = (await readOutput(url, run, name)) as Metrics;
    const share = `explains ${(metrics.r2 * 100).toFixed(2)} % of the variance`;
    const error = `error ${metrics.error.toFixed(2)} min`;
    const guess = `${metrics.error_of_mean.toFixed(2)} by guessing the mean`;
    console.log(`  ${name.split('.', 1)[0]?.padEnd(13)} ${share}; ${error} (${guess})`);
    console.log(`    from ${Object.keys(metrics.coefficients).join(', ')}`);
  }
  const report = join(projectPath, 'data/08_reporting/summary.md', run.save_version, 'summary.md');
  console.log(`The report: ${relative(process.cwd(), report)}`);
}

function showWhatNext(url: string): void {
  const post = `curl ${url}/runs -H 'content-type: application/json'`;
  console.log(`
Serving on ${url} until Ctrl-C. Try next:
  curl '${url}/snapshot?params=flights=2k'
  ${post} -H 'prefer: wait=60' -d '{"params": {"flights": "20k"}}'
  ${post} -d '{"params": {"flights": "3m"}, "outputs": ["report.summary"]}'
  curl -N ${url}/runs/ID/events           # ID is that of the answer before
  curl ${url}/runs/ID/outputs/report.summary
  ${post} -H 'prefer: wait=60' -d '{"params": {"flights": "200k"}}'    # fails: these flights name no airports
  curl '${url}/runs?status=failed'
  open ${url}/docs`);
}

async function timed<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
  const startedAt = performance.now();
  const value = await make();
  console.log(`${name}: ready in ${toSeconds(performance.now() - startedAt)}`);
  return value;
}
