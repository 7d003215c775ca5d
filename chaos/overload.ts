import { formatRequest, putLoad, quantile } from '../bench/load.ts';
import { copyProject } from '../test/cli/kedro-project-copy.ts';
import type { Report } from './report.ts';
import type { Scenario } from './scenarios.ts';
import { portOf, serve } from './serve.ts';
import { putSteadyLoad, type SteadyAnswer, type SteadyCall } from './steady-load.ts';

const workers = 2;
const secondMs = 1000;
const calmMs = 20 * secondMs;
const backWithinMs = 5 * secondMs;
const readWithinMs = 50;
const slower = 1.5;
/** Calls that read, and of `/livez`, each second. */
const readsPerSecond = 20;

/** A run that spends its time waiting, as for a database: what is measured is the queue, not the processor. */
const order = { pipeline_names: ['sleep'], params: { seconds: 0.05 } };
const run: SteadyCall = { method: 'POST', path: '/run', body: order };
const waitedFor: SteadyCall = {
  method: 'POST',
  path: '/runs',
  body: order,
  headers: { prefer: 'wait=60' },
};
const submitted: SteadyCall = { method: 'POST', path: '/runs', body: order };

/** Twice as many runs as can be run. */
export const overload: Scenario = async ({ report, python, minutes }) => {
  await using project = await copyProject('faults-kedro');
  const args = ['--python', python, '--workers', String(workers)];
  const durationMs = minutes * 60 * secondMs;
  const capacity = await withoutQueue(report, project.path, args, durationMs);
  await withQueue(report, project.path, args, capacity, durationMs / 2);
};

async function measureCapacity(port: number): Promise<number> {
  const request = formatRequest('POST', '/run', JSON.stringify(order));
  const load = { port, connections: workers, nextRequest: () => request };
  await putLoad({ ...load, answers: 20 });
  return (await putLoad({ ...load, durationMs: 5 * secondMs })).perSecond;
}

/** Whoever calls waits for the end: runs that would have to wait for others are refused. */
async function withoutQueue(
  report: Report,
  folder: string,
  args: readonly string[],
  durationMs: number,
): Promise<number> {
  await using server = await serve(folder, [...args, '--max-waiting', '0']);
  const port = await portOf(server);
  const capacity = await measureCapacity(port);
  report.tell(`capacity ${capacity.toFixed(1)} runs/s; --max-waiting 0, /run and /runs by turns`);
  const call = (number: number): SteadyCall => (number % 2 === 0 ? run : waitedFor);
  const calm = await putSteadyLoad({ port, perSecond: capacity / 2, durationMs: calmMs, call });
  const calmP99 = p99(calm.filter(isAccepted));
  const [answers, reads] = await Promise.all([
    putSteadyLoad({ port, perSecond: 2 * capacity, durationMs, call }),
    read(port, durationMs),
  ]);
  const after = await putSteadyLoad({
    port,
    perSecond: capacity / 2,
    durationMs: 2 * backWithinMs,
    call,
  });
  checkRefusals(report, answers);
  const accepted = answers.filter(isAccepted);
  report.check({
    what: `p99 of ${accepted.length} accepted runs of ${answers.length}, at twice the capacity`,
    measured: `${p99(accepted).toFixed(0)} ms`,
    bound: `${slower} × ${calmP99.toFixed(0)} ms, of half the capacity`,
    ok: accepted.length > 0 && p99(accepted) <= slower * calmP99,
  });
  const failed = accepted.filter(({ body }) => !/"status":"(?:success|succeeded)"/.test(body));
  report.checkNone(
    'accepted runs that did not succeed',
    failed.map(({ body }) => body),
  );
  checkReads(report, reads);
  checkBack(report, after, slower * calmP99);
  return capacity;
}

/** Nobody waits at the line: runs may wait for two seconds' worth of others. */
async function withQueue(
  report: Report,
  folder: string,
  args: readonly string[],
  capacity: number,
  durationMs: number,
): Promise<void> {
  const maxWaiting = Math.ceil(2 * capacity);
  await using server = await serve(folder, [...args, '--max-waiting', String(maxWaiting)]);
  const port = await portOf(server);
  // What is measured is a server that has been at work.
  await measureCapacity(port);
  report.tell(`--max-waiting ${maxWaiting}, which is two seconds' worth; /runs`);
  const [answers, reads] = await Promise.all([
    putSteadyLoad({ port, perSecond: 2 * capacity, durationMs, call: () => submitted }),
    read(port, durationMs),
  ]);
  const endedAt = performance.now();
  const accepted = answers.filter(({ status }) => status === 202);
  const ids = accepted.map(({ body }) => (JSON.parse(body) as { readonly id: string }).id);
  const waits: number[] = [];
  let unfinished = 0;
  for (const id of ids) {
    const shown = await fetch(`http://127.0.0.1:${port}/runs/${id}?wait=30`);
    const { status, created_at, started_at } = (await shown.json()) as Readonly<
      Record<'status' | 'created_at' | 'started_at', string>
    >;
    if (status !== 'succeeded') unfinished += 1;
    waits.push(Date.parse(started_at) - Date.parse(created_at));
  }
  const backMs = performance.now() - endedAt;
  checkRefusals(report, answers);
  report.check({
    what: `p99 until ${accepted.length} runs of ${answers.length} are accepted`,
    measured: `${p99(accepted).toFixed(1)} ms`,
    bound: `${readWithinMs} ms`,
    ok: p99(accepted) <= readWithinMs,
  });
  const waited = quantile(
    waits.toSorted((a, b) => a - b),
    0.99,
  );
  const longestMs = (maxWaiting / capacity) * secondMs;
  report.check({
    what: 'p99 of their waits, which is max-waiting ÷ capacity',
    measured: `${waited.toFixed(0)} ms`,
    bound: `${slower} × ${longestMs.toFixed(0)} ms`,
    ok: waited <= slower * longestMs,
  });
  report.check({
    what: 'accepted runs that did not succeed',
    measured: String(unfinished),
    bound: '0',
    ok: unfinished === 0,
  });
  checkReads(report, reads);
  report.check({
    what: 'the last accepted run has ended after the overload',
    measured: `${backMs.toFixed(0)} ms`,
    bound: `${backWithinMs} ms`,
    ok: backMs <= backWithinMs,
  });
}

interface Reads {
  readonly lives: readonly SteadyAnswer[];
  readonly reads: readonly SteadyAnswer[];
}

async function read(port: number, durationMs: number): Promise<Reads> {
  const load = { port, perSecond: readsPerSecond, durationMs };
  const paths = ['/runs?limit=20', '/pipelines', '/snapshot', '/metrics'];
  const [lives, reads] = await Promise.all([
    putSteadyLoad({ ...load, call: () => ({ method: 'GET', path: '/livez' }) }),
    putSteadyLoad({
      ...load,
      call: (number) => ({ method: 'GET', path: paths[number % paths.length] ?? '' }),
    }),
  ]);
  return { lives, reads };
}

function isAccepted({ status }: SteadyAnswer): boolean {
  return status === 200;
}

function p99(answers: readonly SteadyAnswer[]): number {
  const sorted = answers.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  return quantile(sorted, 0.99);
}

function checkRefusals(report: Report, answers: readonly SteadyAnswer[]): void {
  const refused = answers.filter(({ status }) => status !== 200 && status !== 202);
  const isProper = ({ status, retryAfter }: SteadyAnswer): boolean =>
    (status === 429 || status === 503) && /^\d+$/.test(retryAfter ?? '');
  report.checkNone(
    `refusals, of ${refused.length}, that are not 429 or 503 with Retry-After`,
    refused
      .filter((answer) => !isProper(answer))
      .map(({ status, body }) => `${status}: ${body.slice(0, 200)}`),
  );
  report.check({
    what: 'p99 of refusals',
    measured: `${p99(refused).toFixed(1)} ms`,
    bound: `${readWithinMs} ms`,
    ok: refused.length > 0 && p99(refused) <= readWithinMs,
  });
}

function checkReads(report: Report, { lives, reads }: Reads): void {
  for (const [what, answers] of [
    ['/livez', lives],
    ['reads', reads],
  ] as const) {
    const failed = answers.filter(({ status }) => status !== 200);
    report.check({
      what: `p99 of ${what} meanwhile, all answered with 200`,
      measured: `${p99(answers).toFixed(1)} ms, ${failed.length} failed`,
      bound: `${readWithinMs} ms`,
      ok: p99(answers) <= readWithinMs && failed.length === 0,
    });
  }
}

function checkBack(report: Report, after: readonly SteadyAnswer[], normalMs: number): void {
  const abnormal = after.filter((answer) => !isAccepted(answer) || answer.tookMs > normalMs);
  // One in a hundred is what the bound leaves out.
  const late = abnormal.slice(Math.ceil(after.length / 100)).at(-1)?.dueMs ?? 0;
  report.check({
    what: 'back to normal after the overload',
    measured: `${late.toFixed(0)} ms`,
    bound: `${backWithinMs} ms`,
    ok: late <= backWithinMs,
  });
}
