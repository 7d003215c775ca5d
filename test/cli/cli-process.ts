import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** One JSON line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface CliEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess extends AsyncDisposable {
  readonly pid: number;
  /** The server's address, from the start line; rejects with what was said when it does not start. */
  readonly url: Promise<string>;
  /** The first log line, of those written already or later, that has these values. */
  log(values: LogLine): Promise<LogLine>;
  /** Resolves once standard output holds the text; rejects when the process ends without it. */
  printed(text: string): Promise<void>;
  /** Resolves once standard output has the text; rejects when it ends without it. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<CliEnd>;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');

const SETTINGS = ['KEDRO_PROJECT_PATH', 'KEDRO_SERVER_ENV', 'KEDRO_SERVER_CONF_SOURCE'];

/** Starts `kedro-server` with these arguments, as a process group of its own. */
export function startCli(args: readonly string[], { cwd, env }: CliOptions): CliProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !SETTINGS.includes(name));
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), DO_NOT_TRACK: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  const { pid } = child;
  if (pid === undefined) throw new Error('kedro-server could not be started');
  const url = Promise.withResolvers<string>();
  const lines: LogLine[] = [];
  const listeners = new Set<() => void>();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    const [, found] = /^Serving .*?(http:\S+) .*\n/m.exec(stdout) ?? [];
    if (found !== undefined) url.resolve(found);
    for (const listener of listeners) listener();
    for (const listener of listeners) listener();
  });
  createInterface(child.stderr).on('line', (line) => {
    stderr += `${line}\n`;
    if (line.startsWith('{')) lines.push(JSON.parse(line) as LogLine);
    for (const listener of listeners) listener();
  });
  const ended = new Promise<CliEnd>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  void ended.then((end) => {
    url.reject(new Error(`kedro-server ended: ${JSON.stringify(end)}`));
    for (const listener of listeners) listener();
  });
  url.promise.catch(() => {});
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  return {
    pid,
    url: url.promise,
    ended,
    log(values) {
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
      const look = (): void => {
        const line = lines.find((each) => matches(each, values));
        if (line !== undefined) resolve(line);
        else if (hasEnded) reject(new Error(`no ${JSON.stringify(values)} in the log:\n${stderr}`));
        else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
      return promise;
    },
    async printed(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        if (stdout.includes(text)) resolve();
        else if (hasEnded) reject(new Error(`no '${text}' in what was printed:\n${stdout}`));
      };
      listeners.add(look);
      look();
      await promise.finally(() => listeners.delete(look));
    },
    said(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        if (stdout.includes(text)) resolve();
        else if (hasEnded) reject(new Error(`no '${text}' in:\n${stdout}\n${stderr}`));
        else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
      return promise;
    },
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function matches(line: LogLine, values: LogLine): boolean {
  return Object.entries(values).every(([key, value]) =>
    value instanceof RegExp ? value.test(String(line[key])) : line[key] === value,
  );
}
