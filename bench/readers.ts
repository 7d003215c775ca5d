import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, quantile } from './load.ts';
import type { Bench, Finding } from './scenarios.ts';

const lines = 400;
const everyMs = 10;
const counts = [1, 1000];

/** One run that writes lines, each with the time at which it is written. */
const files: Readonly<Record<string, string>> = {
  'package.json':
    '{"type": "module", "kedro": {"projectName": "Readers", "packageName": "readers"}}',
  'conf/base/catalog.yml': '',
  'conf/base/parameters.yml': '',
  'src/pipeline_registry.ts': `import { logOf, node, pipeline } from 'kedro-server';
async function tell(context) {
  for (let line = 0; line < ${lines}; line += 1) {
    await new Promise((resolve) => setTimeout(resolve, ${everyMs}));
    logOf(context).print('at ' + (performance.timeOrigin + performance.now()));
  }
  return 1;
}
export const registerPipelines = () => ({
  __default__: pipeline([node(tell, null, 'told', { name: 'tell', passContext: true })]),
});
`,
};

interface Reading {
  readonly ended: Promise<void>;
  readonly socket: Socket;
}

/** Reads a run's events over a connection of its own; `onLine` sees how late each line is. */
function read(port: number, id: string, onLine: (lateMs: number) => void): Reading {
  const socket = createConnection({ port, host: '127.0.0.1' });
  const ended = Promise.withResolvers<void>();
  let rest = '';
  socket.write(`GET /runs/${id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    const text = rest + chunk;
    const at = text.lastIndexOf('\n');
    rest = text.slice(at + 1);
    const now = performance.timeOrigin + performance.now();
    for (const [, time] of text.slice(0, at).matchAll(/"message":"at ([\d.]+)"/g)) {
      onLine(now - Number(time));
    }
    if (text.includes('event: end')) {
      socket.end();
      ended.resolve();
    }
  });
  socket.on('error', ended.reject);
  return { ended: ended.promise, socket };
}

async function measure(project: string, readerCount: number) {
  const main = join(import.meta.dirname, '../src/cli/main.ts');
  const args = [main, 'start', '--port', '0', '--store', 'memory', '--log-level', 'error'];
  const server = spawn(process.execPath, args, {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
    const port = Number(/:(\d+) /.exec(line)?.[1]);
    const answer = await fetch(`http://127.0.0.1:${port}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const { id } = (await answer.json()) as { id: string };
    const lateMs: number[] = [];
    let received = 0;
    // The first one takes nothing from its connection until the others have all.
    const slow = read(port, id, () => (received += 1));
    slow.socket.pause();
    const readings = Array.from({ length: readerCount }, () =>
      read(port, id, (ms) => {
        received += 1;
        lateMs.push(ms);
      }),
    );
    await Promise.all(readings.map(({ ended }) => ended));
    slow.socket.resume();
    await slow.ended;
    if (received !== lines * (readerCount + 1)) throw new Error(`${received} lines came`);
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
    const sorted = lateMs.toSorted((a, b) => a - b);
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), peakMiB };
  } finally {
    server.kill();
    await once(server, 'exit');
  }
}

/** A line of a run until it has come to each of many readers, a stalled one among them. */
export async function readers({ rounds }: Bench): Promise<Finding[]> {
  const project = await mkdtemp(join(tmpdir(), 'kedro-server-bench-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(project, name, '..'), { recursive: true });
    await writeFile(join(project, name), text);
  }
  const medians: Record<string, number> = {};
  const peaks: string[] = [];
  for (const count of counts) {
    const figures: Awaited<ReturnType<typeof measure>>[] = [];
    for (let round = 0; round < rounds; round += 1) figures.push(await measure(project, count));
    medians[`${count} reader(s), p50`] = median(figures.map(({ p50 }) => p50));
    medians[`${count} reader(s), p99`] = median(figures.map(({ p99 }) => p99));
    peaks.push(`${median(figures.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB with ${count}`);
  }
  await rm(project, { recursive: true, force: true });
  return [
    {
      what: `a line of a run (${lines} lines, one every ${everyMs} ms) to its readers, one more of whom stalls`,
      unit: 'ms',
      medians,
      compared: `server's peak memory ${peaks.join(', ')}`,
    },
  ];
}
