import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ServerProcess } from './http-suite.ts';

/**
 * Starts a server program that prints its URL when it listens and `run started` when a run has
 * begun, and that closes on SIGTERM.
 */
export async function startServerProcess(
  command: string,
  args: readonly string[],
): Promise<ServerProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  const closed = once(child, 'close') as Promise<[exitCode: number | null]>;
  const url = Promise.withResolvers<string>();
  const runStarted = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('http:')) url.resolve(line);
    if (line === 'run started') runStarted.resolve();
  });
  void closed.then(([exitCode]) => url.reject(new Error(`${command} ended with ${exitCode}`)));
  return {
    url: await url.promise,
    runStarted: runStarted.promise,
    async stop() {
      child.kill('SIGTERM');
      const [exitCode] = await closed;
      return exitCode;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
