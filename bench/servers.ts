import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeTypescriptTwin } from './typescript-twin.ts';

/** A server process that listens. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of the process to the first answer of `/health`. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** A server to be measured. */
export interface Contender {
  readonly name: string;
  start(projectPath: string): Promise<Running>;
}

const root = join(import.meta.dirname, '..');

/** Returns the servers that are compared; `python` has Kedro with its server. */
export function createContenders(
  python: string,
): Record<'ours' | 'native' | 'nativeStored' | 'kedro' | 'uvicorn' | 'bare', Contender> {
  const asgi = [
    '-m',
    'uvicorn',
    '--factory',
    'kedro.server.http_server:create_http_server',
    '--host',
    '127.0.0.1',
  ];
  return {
    ours: {
      name: 'kedro-server',
      start: async (projectPath) =>
        startServer(projectPath, (port) => [
          process.execPath,
          [
            ...startOurs(projectPath, port),
            ...(existsSync(join(projectPath, 'pyproject.toml')) ? ['--python', python] : []),
          ],
        ]),
    },
    native: {
      name: 'kedro-server, the project in TypeScript',
      start: async (projectPath) => {
        await writeTypescriptTwin(projectPath);
        return startServer(projectPath, (port) => [
          process.execPath,
          [...startOurs(projectPath, port), '--store', 'memory'],
        ]);
      },
    },
    nativeStored: {
      name: 'the same, its runs kept in SQLite',
      start: async (projectPath) => {
        await writeTypescriptTwin(projectPath);
        return startServer(projectPath, (port) => [process.execPath, startOurs(projectPath, port)]);
      },
    },
    kedro: {
      name: "Kedro's server",
      start: async (projectPath) =>
        startServer(projectPath, (port) => [
          python,
          ['-m', 'kedro', 'server', 'start', '--port', String(port)],
        ]),
    },
    uvicorn: {
      name: "Kedro's server, uvicorn --workers 2",
      start: async (projectPath) =>
        startServer(projectPath, (port) => [
          python,
          [...asgi, '--workers', '2', '--port', String(port)],
        ]),
    },
    bare: {
      name: 'bare node:http',
      start: async (projectPath) =>
        startServer(projectPath, (port) => [
          process.execPath,
          [join(root, 'bench/bare-server.ts'), String(port)],
        ]),
    },
  };
}

function startOurs(projectPath: string, port: number): readonly string[] {
  const main = join(root, 'src/cli/main.ts');
  return [main, 'start', '--project', projectPath, '--port', String(port), '--log-level', 'warn'];
}

export async function startServer(
  projectPath: string,
  toCommand: (port: number) => readonly [string, readonly string[]],
): Promise<Running> {
  const port = await findFreePort();
  const [command, args] = toCommand(port);
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd: projectPath,
    detached: true,
    env: { ...process.env, DO_NOT_TRACK: '1', KEDRO_PROJECT_PATH: projectPath },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  await untilHealthy(child, port, () => errors);
  return {
    port,
    pid: child.pid ?? 0,
    startMs: performance.now() - startedAt,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function untilHealthy(
  child: ChildProcess,
  port: number,
  errors: () => string,
): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`A server ended at its start:\n${errors()}`);
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/health`);
      await answer.arrayBuffer();
      if (answer.ok) return;
    } catch {
      // It does not listen yet.
    }
    await delay(5);
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
