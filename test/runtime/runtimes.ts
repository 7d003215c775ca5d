import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

import { startServerProcess, type ServerProcess } from './server-process.ts';

export interface Runtime {
  readonly name: string;
  /** Whether the platform lets a program end by itself: it ends Workers as it likes. */
  readonly stops: boolean;
  start(): Promise<ServerProcess>;
}

const root = join(import.meta.dirname, '../..');
const packages = join(root, 'node_modules');
const program = join(import.meta.dirname, 'fixture-server.ts');
/** Where packages are found, and nothing is packed or checked. */
const built = join(packages, '.cache/kedro-server');

function processOf(name: string, command: string, args: readonly string[] = []): Runtime {
  const path = join(packages, command);
  return { name, stops: true, start: () => startServerProcess(path, [...args, program]) };
}

async function bundle(name: string, options: BuildOptions): Promise<string> {
  const outfile = join(built, name);
  await build({ outfile, bundle: true, format: 'esm', logLevel: 'silent', ...options });
  return outfile;
}

/** The oldest Node.js cannot read `using`, which the package is built without, too. */
const oldestNode: Runtime = {
  name: 'Node.js 22.18',
  stops: true,
  async start() {
    const file = await bundle('node22-server.js', {
      entryPoints: [program],
      packages: 'external',
      platform: 'node',
      target: 'node22.18',
    });
    return startServerProcess(join(packages, 'node22/bin/node'), [file]);
  },
};

const workerdConfig = `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "workerd-server.js")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "KedroServer", uniqueKey = "test")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "SERVER", durableObjectNamespace = "KedroServer")],
);
`;

const workerd: Runtime = {
  name: 'workerd',
  stops: false,
  async start() {
    const module = JSON.stringify('./workerd-server.ts');
    await bundle('workerd-server.js', {
      stdin: {
        contents: `export { KedroServer, worker as default } from ${module};`,
        resolveDir: import.meta.dirname,
      },
      target: 'es2024',
      platform: 'browser',
      conditions: ['workerd', 'worker', 'browser'],
    });
    const config = join(built, 'workerd.capnp');
    await writeFile(config, workerdConfig);
    return startServerProcess(
      join(packages, '.bin/workerd'),
      ['serve', '--control-fd=3', config],
      (line) => `http://127.0.0.1:${(JSON.parse(line) as { readonly port: number }).port}`,
    );
  },
};

/** The runtimes that the package runs on, each as a server of the fixture in a process of its own. */
export const runtimes: readonly Runtime[] = [
  oldestNode,
  processOf('Node.js 24', 'node/bin/node'),
  processOf('Node.js 26', 'node26/bin/node'),
  processOf('Deno', '.bin/deno', ['run', '--allow-all']),
  processOf('Bun', '.bin/bun'),
  workerd,
];
