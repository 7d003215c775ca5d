import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** Starts the script of `npm run demo`, where neither Python nor anything else is on the path. */
function startDemo(...args: readonly string[]) {
  const script = path.join(root, 'scripts/demo.ts');
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { HOME: process.env['HOME'], PATH: path.dirname(process.execPath) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close');
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  return {
    lines,
    interrupt: () => child.kill('SIGINT'),
    /** The first match in a line, of those that are there or come. */
    async find(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = lines
          .map((line) => pattern.exec(line)?.[0])
          .find((each) => each !== undefined);
        if (found !== undefined) return found;
        await Promise.race([
          once(reader, 'line'),
          closed.then(() => Promise.reject(new Error(lines.join('\n')))),
        ]);
      }
    },
    async end(): Promise<unknown> {
      const [exitCode] = (await closed) as unknown[];
      return exitCode;
    },
  };
}

test('the demo runs its project over HTTP, shows each node and what came out, and ends', async () => {
  const demo = startDemo('--once', '--flights', '2k');
  expect(await demo.end()).toBe(0);
  const text = demo.lines.join('\n');
  expect(text.match(/✓ \[ ?\d+\/12\] /gu)).toHaveLength(12);
  expect(text).toMatch(/POST http:\S+\/runs /u);
  expect(text).toMatch(/journey_model explains 3\.48 % of the variance; error 28\.70 min/u);
  const [, report = ''] = /^The report: (\S+)$/mu.exec(text) ?? [];
  expect(existsSync(path.join(root, report))).toBe(true);
});

test('the demo says what failed, with exit code 1', async () => {
  const demo = startDemo('--once', '--flights', '200k');
  expect(await demo.end()).toBe(1);
  expect(demo.lines.join('\n')).toContain('✗ [ 3/12] prepare.join_airports: Error: These flights');
});

test('the demo goes on serving until Ctrl-C', async () => {
  const demo = startDemo('--flights', '2k');
  const url = await demo.find(/(?<=Serving on )http:\S+/u);
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'healthy' });
  demo.interrupt();
  expect(await demo.end()).toBe(0);
});
