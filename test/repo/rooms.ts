/** A room of the house: a folder of `src/` (ends in a slash) or one file, and what it may import. */
export interface Room {
  /** Relative to `src/`. The longest path that fits a file is the file's room. */
  readonly path: string;
  /** Paths of the other rooms that it may import. */
  readonly mayImport: readonly string[];
  readonly packages: readonly string[];
  /** Whether it may use `node:*`. A room that may not is portable only if all it imports are. */
  readonly nodejs: boolean;
  /** Whether it imports modules of projects, whose names are known at run time only. */
  readonly importsProjects: boolean;
}

const engine = ['names/', 'config/', 'pipeline/', 'catalog/', 'runner/', 'project/'];

function room(
  path: string,
  mayImport: readonly string[],
  packages: readonly string[] = [],
  { nodejs = false, importsProjects = false } = {},
): Room {
  return { path, mayImport, packages, nodejs, importsProjects };
}

/** The rooms of the house and who may call whom; `CONTRIBUTING.md` has the reasons. */
export const rooms: readonly Room[] = [
  room('index.ts', [
    'errors.ts',
    'contract/',
    'http/',
    'door/',
    'run/',
    'executor/',
    'executor/native',
    'executor/remote',
    ...engine,
  ]),
  room('errors.ts', []),
  room('redact/', []),
  room('held-body.ts', []),
  room('to-hex.ts', []),
  room('contract/', ['errors.ts', 'redact/', 'executor/', 'run/'], ['zod']),
  room('resolve-links.ts', [], [], { nodejs: true }),
  room(
    'http/',
    [
      'errors.ts',
      'held-body.ts',
      'to-hex.ts',
      'redact/',
      'names/',
      'contract/',
      'door/',
      'run/',
      'executor/',
    ],
    ['hono', 'zod', '@hono/zod-openapi', '@asteasolutions/zod-to-openapi'],
  ),
  room('door/', ['errors.ts', 'to-hex.ts'], ['jose', 'zod']),
  // Of the server it knows the types only: test/repo/bundle.test.ts holds it to that.
  room('client/', ['contract/', 'http/'], ['hono', 'eventsource-parser']),
  room('run/', ['errors.ts', 'executor/', 'names/', 'pipeline/'], ['uuid']),
  room('run/run-tracer.ts', ['executor/', 'run/'], ['@opentelemetry/api']),
  room('executor/', ['errors.ts']),
  room('executor/native', ['errors.ts', 'redact/', 'executor/', 'project/']),
  // It is a client of another server: what sends, retries, follows and resumes is written once.
  room('executor/remote', ['errors.ts', 'executor/', 'contract/', 'client/']),
  room('names/', []),
  room('config/', ['errors.ts', 'names/'], ['yaml']),
  room('pipeline/', ['errors.ts', 'names/']),
  room(
    'catalog/',
    ['errors.ts', 'redact/', 'names/'],
    [
      '@uwdata/flechette',
      'hucre',
      'yaml',
      'd3-dsv',
      'hyparquet',
      'hyparquet-writer',
      'aws4fetch',
      'hyparquet-compressors',
    ],
  ),
  room('runner/', ['errors.ts', 'names/', 'pipeline/', 'catalog/']),
  room('project/', [
    'errors.ts',
    'redact/',
    'names/',
    'config/',
    'pipeline/',
    'catalog/',
    'runner/',
  ]),
  room('kedro/', ['errors.ts', 'resolve-links.ts', 'redact/', 'executor/'], ['zod'], {
    nodejs: true,
  }),
  room('queue/', ['errors.ts', 'redact/', 'executor/', 'run/'], ['bullmq', 'ioredis'], {
    nodejs: true,
  }),
  room(
    'nodejs/',
    [
      'errors.ts',
      'held-body.ts',
      'redact/',
      'resolve-links.ts',
      'contract/',
      'run/',
      'executor/',
      // Runs in processes of their own are native runs there.
      'executor/native',
      'nodejs/project-modules.ts',
      ...engine,
    ],
    ['@duckdb/node-api', '@hono/node-server', 'pg', 'pino', 'smol-toml'],
    { nodejs: true },
  ),
  room('nodejs/project-modules.ts', ['pipeline/'], [], { nodejs: true, importsProjects: true }),
  room(
    'adapters/',
    ['errors.ts', 'held-body.ts', 'index.ts', 'door/', 'http/', 'executor/', 'nodejs/', 'kedro/'],
    [],
    {
      nodejs: true,
    },
  ),
  room('workers/', ['errors.ts', 'run/']),
  // The one of a runtime without a file system.
  room('adapters/workers.ts', ['index.ts', 'door/', 'http/', 'run/', 'catalog/', 'workers/']),
  room(
    'cli/',
    [
      'errors.ts',
      'redact/',
      'executor/',
      'run/',
      'config/',
      'names/',
      'door/',
      'adapters/',
      'project/',
      'nodejs/',
      'kedro/',
      'queue/',
      'client/',
      'run/run-tracer.ts',
    ],
    ['pino', '@opentelemetry/api', '@opentelemetry/sdk-node'],
    { nodejs: true },
  ),
];

/** Finds the room that a file lives in; `file` is relative to `src/`, with forward slashes. */
export function roomOf(file: string): Room | undefined {
  return rooms
    .filter(({ path }) => file.startsWith(path))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}
