import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';

import { root } from './source-files.ts';

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** What it printed on both streams, standard output first. */
  readonly output: string;
}

/**
 * Runs a program, found as npm scripts find it; one that exits non-zero is a result. Rejects
 * when it cannot be started or is ended by a signal.
 */
export function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ToolResult> {
  const path = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, NO_COLOR: '1', ...options.env, PATH: path };
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: options.cwd ?? root, env }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, output: stdout + stderr });
      else reject(new Error(`${command} did not run`, { cause: error }));
    });
  });
}
