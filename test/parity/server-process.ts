import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server under test: its address, and how to end it. */
export interface ServerProcess {
  readonly url: string;
  readonly projectPath: string;
  /** All that the process has written so far. */
  output(): string;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly python: string;
  readonly projectPath: string;
  /** Environment variables beside the usual ones. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Kedro's run environment, as `--env` takes it. */
  readonly kedroEnv?: string;
  /** Configuration folder, as `--conf-source` takes it. */
  readonly confSource?: string;
}

export type StartServer = (options: ServerOptions) => Promise<ServerProcess>;

const cliPath = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const plainLoggingPath = fileURLToPath(new URL('plain-logging.yml', import.meta.url));
const endWithinMs = 10_000;

/**
 * What `kedro server start` runs, on a port that the system chooses. It ends when its fourth
 * file descriptor closes, so it cannot outlive the test that started it.
 */
const kedroLauncher = `
import os, threading, uvicorn
def end_with_the_test():
    os.read(3, 1)
    os._exit(0)
threading.Thread(target=end_with_the_test, daemon=True).start()
uvicorn.run("kedro.server.http_server:create_http_server", factory=True,
            host="127.0.0.1", port=0, log_level="info")
`;

/** Starts Kedro's own server on a project and waits until it listens. */
export const startKedroServer: StartServer = async (options) => {
  const child = spawn(options.python, ['-c', kedroLauncher], {
    cwd: options.projectPath,
    env: {
      ...toEnvironment(options),
      KEDRO_PROJECT_PATH: options.projectPath,
      ...(existsSync(join(options.projectPath, 'conf/logging.yml'))
        ? {}
        : { KEDRO_LOGGING_CONFIG: plainLoggingPath }),
      ...(options.kedroEnv === undefined ? {} : { KEDRO_SERVER_ENV: options.kedroEnv }),
      ...(options.confSource === undefined ? {} : { KEDRO_SERVER_CONF_SOURCE: options.confSource }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const lifeline = child.stdio[3];
  return await waitForUrl(child, /Uvicorn running on (http:\S+)/, options, () => {
    lifeline?.destroy();
  });
};

/** Starts our server's command line on a project and waits until it listens. */
export const startOurServer: StartServer = async (options) => {
  const flags = ['--project', options.projectPath, '--python', options.python];
  flags.push('--host', '127.0.0.1', '--port', '0', '--workers', '2', '--pass-env', 'PARITY_*');
  if (options.kedroEnv !== undefined) flags.push('--env', options.kedroEnv);
  if (options.confSource !== undefined) flags.push('--conf-source', options.confSource);
  const child = spawn(process.execPath, [cliPath, 'start', ...flags], {
    cwd: options.projectPath,
    env: toEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return await waitForUrl(child, /(http:\/\/127\.0\.0\.1:\d+)/, options, () => {
    child.kill('SIGTERM');
  });
};

/**
 * Hash order is fixed, so that texts which list a Python set are the same in both servers. An
 * environment that was installed without compiled modules gets them at the first start.
 */
function toEnvironment({ variables }: ServerOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('KEDRO_') && name !== 'VIRTUAL_ENV',
  );
  return {
    ...Object.fromEntries(inherited),
    DO_NOT_TRACK: '1',
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '',
    ...variables,
  };
}

async function waitForUrl(
  child: ChildProcess,
  startLine: RegExp,
  options: ServerOptions,
  askToEnd: () => void,
): Promise<ServerProcess> {
  let written = '';
  const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        written += chunk;
        const found = startLine.exec(written)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the server ended before it listened (${code ?? signal}):\n${written}`));
    });
  });
  return {
    url,
    projectPath: options.projectPath,
    output: () => written,
    close: async () => {
      askToEnd();
      const deadline = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
      await ended;
      clearTimeout(deadline);
    },
  };
}
