import { DOOR_OPTIONS, type DoorOptions, readDoorOptions } from './door-options.ts';
import { toHelpLines, type Option } from './option.ts';
import { parseArguments, textOf } from './parse-arguments.ts';
import {
  parseByteSize,
  parseChoice,
  parseConfSource,
  parseInteger,
  parsePlaces,
  parseSeconds,
} from './parse-value.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What `kedro-server start` was told; what is left out has its default where it is used. */
export interface StartOptions {
  readonly host: string;
  readonly port: number;
  readonly reload: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly graceMs: number;
  readonly project?: string | undefined;
  /** Addresses of the servers that runs are given to, in place of a project. */
  readonly remote?: readonly string[] | undefined;
  /** URL of the Redis whose queue's workers run the runs, in place of a project. */
  readonly queue?: string | undefined;
  readonly queueName?: string | undefined;
  readonly env?: string | undefined;
  readonly confSource?: string | undefined;
  readonly python?: string | undefined;
  readonly workers?: number | undefined;
  readonly workerStart?: 'fork' | 'spawn' | undefined;
  readonly maxRunsPerWorker?: number | undefined;
  readonly maxWorkerMemoryBytes?: number | undefined;
  readonly maxBodyBytes?: number | undefined;
  readonly trustParams?: true | undefined;
  readonly passEnv?: readonly string[] | undefined;
  readonly paramRoots?: readonly string[] | undefined;
  readonly store?: string | undefined;
  readonly maxRunAgeMs?: number | undefined;
  readonly maxEndedRuns?: number | undefined;
  readonly maxWaiting?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly overlap?: 'wait' | 'allow' | undefined;
  readonly allowPrivateCallbacks: boolean;
  readonly door: DoorOptions;
}

const dayMs = 24 * 60 * 60 * 1000;

const OPTIONS: readonly Option[] = [
  { name: 'host', short: 'H', value: '<address>', help: 'Address to listen on [127.0.0.1]' },
  {
    name: 'port',
    short: 'p',
    value: '<number>',
    help: 'Port to listen on, 0 for a free one [8000]',
  },
  ...DOOR_OPTIONS,
  { name: 'env', short: 'e', value: '<name>', help: 'Kedro configuration environment' },
  {
    name: 'conf-source',
    value: '<path>',
    help: "Configuration folder, archive or URL [the project's conf]",
  },
  { name: 'reload', help: 'Load the project again on a change in src/ or conf/' },
  {
    name: 'workers',
    value: '<number>',
    help: 'Runs at once [a Python process a core; 16 in TypeScript]',
  },
  {
    name: 'project',
    value: '<path>',
    help: 'Folder of the project [found from the current folder upward]',
  },
  {
    name: 'remote',
    value: '<urls>',
    help: 'Give runs to these servers instead, with commas between',
  },
  {
    name: 'queue',
    value: '<url>',
    help: 'Give runs to the workers of a queue in Redis instead',
  },
  { name: 'queue-name', value: '<name>', help: 'Which queue of that Redis [kedro]' },
  {
    name: 'python',
    value: '<path>',
    help: 'Python with Kedro [KEDRO_SERVER_PYTHON, else found]',
  },
  { name: 'worker-start', value: 'fork|spawn', help: 'How further Python workers are made' },
  {
    name: 'max-runs-per-worker',
    value: '<number>',
    help: 'Replace a Python worker after so many runs',
  },
  {
    name: 'max-worker-memory',
    value: '<size>',
    help: 'Replace a Python worker that holds more, like 2GiB',
  },
  {
    name: 'pass-env',
    value: '<names>',
    help: 'Variables that Python workers get too: TOKEN,APP_*, or *',
  },
  {
    name: 'param-roots',
    value: '<places>',
    help: 'Folders and URLs, with commas between, that params may lead to',
  },
  { name: 'trust-params', help: "Let params do all that they may in Kedro's shell" },
  {
    name: 'store',
    value: '<path>|memory',
    help: 'Where runs are kept [.kedro-server/runs.sqlite in the project]',
  },
  { name: 'keep-days', value: '<number>', help: 'Days for which runs that ended are kept [30]' },
  { name: 'keep-runs', value: '<number>', help: 'Runs that ended and are kept [10000]' },
  { name: 'max-waiting', value: '<number>', help: 'Runs that may wait for their turn [2000]' },
  {
    name: 'overlap',
    value: 'wait|allow',
    help: 'What runs do that write what another reads or writes [wait]',
  },
  { name: 'timeout', value: '<seconds>', help: 'Longest time that a run may take [no limit]' },
  {
    name: 'allow-private-callbacks',
    help: 'Let the ends of runs be told to this machine and its networks',
  },
  { name: 'max-body', value: '<size>', help: 'Largest request body that is read [1MiB]' },
  {
    name: 'grace',
    value: '<seconds>',
    help: 'Time that running runs have to end when stopped [30]',
  },
  {
    name: 'log-level',
    value: '<level>',
    help: `One of ${LOG_LEVELS.join(', ')} [info]`,
  },
  { name: 'help', short: 'h', help: 'Show this text' },
];

const EXAMPLES = [
  'kedro-server start',
  'kedro-server start --port 8080 --workers 4',
  'kedro-server start --reload --env staging',
  'kedro-server start --port 8080 --remote http://127.0.0.1:8000',
  'kedro-server start --port 8080 --queue redis://127.0.0.1:6379',
];

export const START_HELP = `Usage: kedro-server start [options]

Serves the project of the current folder over HTTP: GET /health, GET /snapshot, POST /run, and
their description at /docs and /openapi.json. Logs are JSON lines on standard error. The project
is one of Kedro (pyproject.toml with [tool.kedro]) or in TypeScript (package.json with "kedro").

Options:
${toHelpLines(OPTIONS)}

The variables KEDRO_SERVER_ENV and KEDRO_SERVER_CONF_SOURCE count where their option is not given,
KEDRO_PROJECT_PATH when the current folder is in no project, and KEDRO_SERVER_KEYS beside --keys.
KEDRO_SERVER_REMOTE_TOKEN is the token that the servers of --remote are sent.

Examples:
${EXAMPLES.map((line) => `  ${line}`).join('\n')}
`;

/** Reads the arguments of `start`; null when they ask for its help. Throws `UsageError`. */
export function parseStartOptions(args: readonly string[]): StartOptions | null {
  const given = parseArguments('kedro-server start', OPTIONS, args);
  if (given.has('help')) return null;
  const read = <T>(name: string, parse: (option: string, text: string) => T): T | undefined => {
    const value = textOf(given, name);
    return value === undefined ? undefined : parse(name, value);
  };
  const text = (_: string, value: string): string => value;
  const count = (option: string, value: string): number =>
    parseInteger(option, value, 1, Number.MAX_SAFE_INTEGER);
  return {
    host: read('host', text) ?? '127.0.0.1',
    port: read('port', (option, value) => parseInteger(option, value, 0, 65_535)) ?? 8000,
    reload: given.has('reload'),
    logLevel:
      read('log-level', (option, value) => parseChoice(option, value, LOG_LEVELS)) ?? 'info',
    graceMs: read('grace', parseSeconds) ?? 30_000,
    project: read('project', text),
    queue: read('queue', text) ?? queueOfEnvironment(),
    queueName: read('queue-name', text),
    remote: read('remote', (_, value) => value.split(',').map((url) => url.trim())),
    env: read('env', text),
    confSource: read('conf-source', parseConfSource),
    python: read('python', text),
    workers: read('workers', count),
    workerStart: read('worker-start', (option, value) =>
      parseChoice(option, value, ['fork', 'spawn']),
    ),
    maxRunsPerWorker: read('max-runs-per-worker', count),
    maxWorkerMemoryBytes: read('max-worker-memory', parseByteSize),
    maxBodyBytes: read('max-body', parseByteSize),
    passEnv: read('pass-env', (_, value) => value.split(',').map((name) => name.trim())),
    paramRoots: read('param-roots', parsePlaces),
    trustParams: given.has('trust-params') || undefined,
    store: read('store', text),
    maxRunAgeMs: read('keep-days', (option, value) => count(option, value) * dayMs),
    maxEndedRuns: read('keep-runs', count),
    maxWaiting: read('max-waiting', (option, value) => parseInteger(option, value, 0, 1_000_000)),
    timeoutMs: read('timeout', parseSeconds),
    overlap: read('overlap', (option, value) => parseChoice(option, value, ['wait', 'allow'])),
    allowPrivateCallbacks: given.has('allow-private-callbacks'),
    door: readDoorOptions(given),
  };
}

/** A variable that is set to nothing counts as not set. */
export function queueOfEnvironment(): string | undefined {
  const url = process.env['KEDRO_SERVER_QUEUE'];
  return url === '' ? undefined : url;
}
