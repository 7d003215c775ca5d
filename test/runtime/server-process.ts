import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** A server of the fixture in a process of its own; bodies are limited to 1 MiB. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number | undefined;
  /** Asks the process to end, and resolves to its exit code and the last line that it printed. */
  stop(): Promise<{ readonly exitCode: number | null; readonly lastLine: string }>;
}

/**
 * Starts a server program. `toUrl` reads its URL from the first line that it prints, on standard output or,
 * if it is workerd, on the file descriptor that it reports to.
 */
export async function startServerProcess(
  command: string,
  args: readonly string[],
  toUrl: (line: string) => string = (line) => line,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  const closed = once(child, 'close') as Promise<[exitCode: number | null]>;
  const first = Promise.withResolvers<string>();
  let lastLine = '';
  for (const stream of [child.stdout, child.stdio[3]]) {
    if (!(stream instanceof Readable)) throw new Error(`${command} has no pipe.`);
    createInterface(stream).on('line', (line) => {
      lastLine = line;
      first.resolve(line);
    });
  }
  closed.then(
    ([exitCode]) => first.reject(new Error(`${command} ended with ${exitCode}`)),
    (error: unknown) => first.reject(error),
  );
  return {
    url: toUrl(await first.promise),
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      const [exitCode] = await closed;
      return { exitCode, lastLine };
    },
    async [Symbol.asyncDispose]() {
      kill();
      await closed;
    },
  };
}
