import { join } from 'node:path';
import { formatRequest, median, putLoad } from './load.ts';
import { measureAlternating, ratio } from './measure.ts';
import { processorSecondsOf } from './processor-seconds.ts';
import type { Finding, Scenario } from './scenarios.ts';
import { startServer, type Contender, type Running } from './servers.ts';

const packages = join(import.meta.dirname, '../node_modules');
const warmUpMs = 1000;
const loadMs = 3000;

const requests = [
  { what: 'GET /health', path: '/health', request: formatRequest('GET', '/health') },
  { what: 'GET /snapshot', path: '/snapshot', request: formatRequest('GET', '/snapshot') },
  { what: 'POST /run, in process', path: '/run', request: formatRequest('POST', '/run', '{}') },
];

const runtimes = [
  { name: 'Node.js', bare: 'node:http', command: [join(packages, 'node/bin/node')] },
  { name: 'Deno', bare: 'Deno.serve', command: [join(packages, '.bin/deno'), 'run', '-A'] },
  { name: 'Bun', bare: 'Bun.serve', command: [join(packages, '.bin/bun')] },
];

function serverOf(name: string, command: readonly string[], file: string, more: string[] = []) {
  const [program = '', ...args] = command;
  const start: Contender['start'] = async (projectPath) =>
    startServer(projectPath, (port) => [
      program,
      [...args, join(import.meta.dirname, file), String(port), ...more],
    ]);
  return { name, start };
}

/** What the server answers, for a bare one to answer the same. */
async function readAnswers(contender: Contender, place: string): Promise<string> {
  const running = await contender.start(place);
  try {
    const answers = requests.map(async ({ path, request }) => {
      const isPost = request.toString().startsWith('POST');
      const headers = { 'content-type': 'application/json' };
      const init = isPost ? { method: 'POST', headers, body: '{}' } : {};
      return [path, await (await fetch(`http://127.0.0.1:${running.port}${path}`, init)).text()];
    });
    return JSON.stringify(Object.fromEntries(await Promise.all(answers)));
  } finally {
    await running.stop();
  }
}

/** Answers a second of time, and a second of the server's processor time, which other work slows less. */
async function measureRates(
  { port, pid }: Running,
  { path, request }: (typeof requests)[number],
): Promise<readonly [perSecond: number, perProcessorSecond: number]> {
  const onAnswer = (status: number): void => {
    if (status !== 200) throw new Error(`${path} is ${status}`);
  };
  const load = { port, connections: 16, nextRequest: () => request, onAnswer };
  await putLoad({ ...load, durationMs: warmUpMs });
  const spentBefore = await processorSecondsOf(pid);
  const { answers, perSecond } = await putLoad({ ...load, durationMs: loadMs });
  return [perSecond, answers / ((await processorSecondsOf(pid)) - spentBefore)];
}

/** Each runtime with this server, beside the same runtime's bare one that knows the same answers. */
export const runtimeRatios: Scenario = async ({ tiny, rounds }) => {
  const findings: Finding[] = [];
  for (const { name, bare: bareName, command } of runtimes) {
    const ours = serverOf(`kedro-server on ${name}`, command, 'runtime-server.ts');
    const answers = await readAnswers(ours, tiny);
    const bare = serverOf(`bare ${bareName}`, command, 'bare-server.ts', [answers]);
    for (const asked of requests) {
      const processorRates: number[] = [];
      const figures = await measureAlternating([ours, bare], tiny, rounds, async (running) => {
        const [perSecond, perProcessorSecond] = await measureRates(running, asked);
        processorRates.push(perProcessorSecond);
        return perSecond;
      });
      const medians = Object.fromEntries([...figures].map(([key, all]) => [key, median(all)]));
      const share = ratio(figures, ours.name, bare.name).toFixed(2);
      const goal = asked.path === '/health' ? ' (goal 0.75)' : '';
      const byProcessor = ratioInTurns(processorRates).toFixed(2);
      const compared = `${share} × bare ${bareName}${goal}; ${byProcessor} × by processor time`;
      findings.push({ what: `${asked.what}, ${name}`, unit: 'requests/s', medians, compared });
    }
  }
  return findings;
};

/** The median ratio of two contenders whose figures come in rounds, the order turned each time. */
function ratioInTurns(figures: readonly number[]): number {
  const rounds = Array.from({ length: figures.length / 2 }, (_, round) => {
    const [first = Number.NaN, second = Number.NaN] = figures.slice(2 * round);
    return round % 2 === 0 ? first / second : second / first;
  });
  return median(rounds);
}
