import path from 'node:path';
import { build } from 'esbuild';

import { createTemporaryFolder } from '../nodejs/temporary-folder.ts';
import { root } from '../repo/source-files.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface WorkerOptions {
  /** Module of the Worker, relative to the repository. */
  readonly entry: string;
  /** What of it a Worker exports as its default; without it, the module has a default. */
  readonly defaultExport?: string;
  /** Class of the Durable Object, and the name that it is bound as; without, the Worker is alone. */
  readonly durableObject?: readonly [className: string, binding: string];
  /** Folder that keeps the storage of objects; without one, it is in memory, where there is no SQL. */
  readonly storage?: string;
  /** Text bindings. */
  readonly variables?: Readonly<Record<string, string>>;
}

function writeConfig({ durableObject, storage, variables = {} }: WorkerOptions): string {
  const bindings = Object.entries(variables).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  let objects = '';
  if (durableObject !== undefined) {
    const [className, binding] = durableObject;
    bindings.push(`(name = "${binding}", durableObjectNamespace = "${className}")`);
    objects = `
  durableObjectNamespaces = [(className = "${className}", uniqueKey = "runs", enableSql = true)],
  durableObjectStorage = (${storage === undefined ? 'inMemory = void' : 'localDisk = "storage"'}),`;
  }
  const disk =
    storage === undefined
      ? ''
      : `(name = "storage", disk = (path = ${JSON.stringify(storage)}, writable = true)),`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "local", "public"])),
    ${disk}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",${objects}
  bindings = [${bindings.join(', ')}],
);
`;
}

function writeEntry({ entry, defaultExport = 'default' }: WorkerOptions): string {
  const module = JSON.stringify(`./${entry}`);
  return `export * from ${module}; export { ${defaultExport} as default } from ${module};`;
}

/** Bundles a Worker from source, as wrangler does, and starts it in workerd on a free port. */
export async function startWorker(options: WorkerOptions): Promise<ServerProcess> {
  await using folder = createTemporaryFolder();
  await build({
    stdin: { contents: writeEntry(options), resolveDir: root },
    outfile: path.join(folder.path, 'worker.js'),
    alias: {
      'kedro-server': path.join(root, 'src/index.ts'),
      'kedro-server/workers': path.join(root, 'src/adapters/workers.ts'),
    },
    loader: { '.yml': 'text', '.csv': 'text' },
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
  });
  const config = await folder.write('config.capnp', writeConfig(options));
  // The folder has to stay until it has been read.
  return await startServerProcess(
    path.join(root, 'node_modules/.bin/workerd'),
    ['serve', '--control-fd=3', config],
    (line) => `http://127.0.0.1:${(JSON.parse(line) as { readonly port: number }).port}`,
  );
}
