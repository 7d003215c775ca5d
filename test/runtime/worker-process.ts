import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';

/** A Worker in a real workerd process. */
export interface WorkerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number | undefined;
}

export interface WorkerOptions {
  /** Module of the Worker, relative to the repository. */
  readonly entry: string;
  /** Class of the Durable Object that is bound as `RUNS`. */
  readonly durableObject: string;
  /** Text bindings. */
  readonly variables: Readonly<Record<string, string>>;
}

const root = path.resolve(import.meta.dirname, '../..');
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string };

function writeConfig({ durableObject, variables }: WorkerOptions): string {
  const texts = Object.entries(variables).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)}),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["private", "local", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "${durableObject}", uniqueKey = "runs")],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "RUNS", durableObjectNamespace = "${durableObject}"),
    ${texts.join('\n    ')}
  ],
);
`;
}

/** Bundles a Worker from source, as wrangler does, and starts it on a free port. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const folder = createTemporaryFolder();
  await build({
    entryPoints: [path.join(root, options.entry)],
    outfile: path.join(folder.path, 'worker.js'),
    alias: { 'kedro-server': path.join(root, 'src/index.ts') },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
  });
  const config = path.join(folder.path, 'config.capnp');
  await writeFile(config, writeConfig(options));
  const child = spawn(workerd, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const closed = once(child, 'close');
  void closed.then(() => process.off('exit', kill));
  const port = Promise.withResolvers<number>();
  createInterface(child.stdio[3] as Readable).on('line', (line) => {
    const told = JSON.parse(line) as { readonly event: string; readonly port?: number };
    if (told.event === 'listen' && told.port !== undefined) port.resolve(told.port);
  });
  void closed.then(() => port.reject(new Error('workerd ended before it listened')));
  return {
    url: `http://127.0.0.1:${await port.promise}`,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      kill();
      await closed;
      await folder[Symbol.asyncDispose]();
    },
  };
}
