import path from 'node:path';
import { build } from 'esbuild';

import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { root } from '../repo/source-files.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface WorkerOptions {
  /** Module of the Worker, relative to the repository. Its Durable Object `Runs` is bound as `RUNS`. */
  readonly entry: string;
  /** Text bindings. */
  readonly variables: Readonly<Record<string, string>>;
}

function writeConfig(variables: WorkerOptions['variables']): string {
  const texts = Object.entries(variables).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)}),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "local", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "Runs", uniqueKey = "runs")],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "RUNS", durableObjectNamespace = "Runs"),
    ${texts.join('\n    ')}
  ],
);
`;
}

/** Bundles a Worker from source, as wrangler does, and starts it in workerd on a free port. */
export async function startWorker({ entry, variables }: WorkerOptions): Promise<ServerProcess> {
  await using folder = createTemporaryFolder();
  await build({
    entryPoints: [path.join(root, entry)],
    outfile: path.join(folder.path, 'worker.js'),
    alias: { 'kedro-server': path.join(root, 'src/index.ts') },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
  });
  const config = await folder.write('config.capnp', writeConfig(variables));
  // The folder has to stay until it has been read.
  return await startServerProcess(
    path.join(root, 'node_modules/.bin/workerd'),
    ['serve', '--control-fd=3', config],
    (line) => `http://127.0.0.1:${(JSON.parse(line) as { readonly port: number }).port}`,
  );
}
