import path from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

import type { RunEvent } from '../../src/executor/run-event.ts';
import { serveChatty } from '../client/chatty-server.ts';
import { linesOf, stepsOf } from '../conformance/watched-run.ts';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { runTool } from '../repo/run-tool.ts';

test('the remote executor follows and cancels on Deno and Bun, too', async () => {
  const { url } = await serveChatty();
  await using folder = createTemporaryFolder();
  const program = path.join(folder.path, 'remote-run.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'remote-run.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  for (const [command, ...args] of [['deno', 'run', '--allow-net'], ['bun']] as const) {
    const { stdout } = await runTool(command, [...args, program, url]);
    const events = JSON.parse(stdout) as RunEvent[];
    expect(linesOf(events)).toHaveLength(50);
    expect(stepsOf(events)).toEqual([
      'run.started',
      'run.planned chat',
      'node.started chat',
      'dataset.loaded params:lines chat',
      'dataset.saved said chat',
      'output.ready said',
      'node.finished chat',
      'run.ended succeeded',
      'run.started',
      'run.planned gate',
      'node.started gate',
      'dataset.loaded params:lines gate',
      'node.failed gate',
      'run.ended cancelled',
    ]);
  }
}, 90_000);
