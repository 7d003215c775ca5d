import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { createHttpServer, serve } from '../src/adapters/node.ts';
import { createStopSignal } from '../src/cli/stop-signal.ts';
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

interface RunAnswer {
  readonly status: 'success' | 'failure';
  readonly run_id: string;
  readonly duration_ms: number;
  readonly error?: { readonly type: string; readonly message: string };
}

interface Metrics {
  readonly r2: number;
  readonly error: number;
  readonly error_of_mean: number;
  readonly coefficients: Readonly<Record<string, number>>;
}

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
  const showProgress = createNodeProgress(process.stdout);
  await using app = createHttpServer({
    projectPath,
    python,
    onRunEvent: (_runId, _order, event) => showProgress(event),
  });
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
  const body = JSON.stringify({ params: { flights } });
  console.log(`\nPOST ${url}/run ${body}`);
  const response = await fetch(`${url}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const answer = (await response.json()) as RunAnswer;
  console.log(`${response.status} ${JSON.stringify(answer)}\n`);
  if (answer.status !== 'success') return false;
  await showResult(answer, projectPath);
  return true;
}

async function showResult(
  { run_id: runId, duration_ms: durationMs }: RunAnswer,
  projectPath: string,
): Promise<void> {
  console.log(`The run took ${toSeconds(durationMs)}. Two linear models of how late a flight is:`);
  for (const name of ['clock_model', 'journey_model']) {
    const file = join(projectPath, 'data/07_model_output', `${name}.json`, runId, `${name}.json`);
    const metrics = JSON.parse(await readFile(file, 'utf8')) as Metrics;
    const share = `explains ${(metrics.r2 * 100).toFixed(2)} % of the variance`;
    const error = `error ${metrics.error.toFixed(2)} min`;
    const guess = `${metrics.error_of_mean.toFixed(2)} by guessing the mean`;
    console.log(`  ${name.padEnd(13)} ${share}; ${error} (${guess})`);
    console.log(`    from ${Object.keys(metrics.coefficients).join(', ')}`);
  }
  const report = join(projectPath, 'data/08_reporting/summary.md', runId, 'summary.md');
  console.log(`The report: ${relative(process.cwd(), report)}`);
}

function showWhatNext(url: string): void {
  const post = `curl ${url}/run -H 'content-type: application/json' -d`;
  console.log(`
Serving on ${url} until Ctrl-C. Try next:
  curl ${url}/health
  curl '${url}/snapshot?params=flights=2k'
  ${post} '{"params": {"flights": "20k"}}'
  ${post} '{"pipeline_names": ["clock"], "params": {"flights": "200k"}}'
  ${post} '{"params": {"flights": "200k"}}'    # fails: these flights name no airports
  open ${url}/docs`);
}

async function timed<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
  const startedAt = performance.now();
  const value = await make();
  console.log(`${name}: ready in ${toSeconds(performance.now() - startedAt)}`);
  return value;
}
