import { DOOR_OPTIONS, type DoorOptions, readDoorOptions } from './door-options.ts';
import { toHelpLines, type Option } from './option.ts';
import { parseArguments, textOf, valueOf } from './parse-arguments.ts';
import {
  parseByteSize,
  parseChoice,
  parseCount,
  parseInteger,
  parseList,
  parseSeconds,
} from './parse-value.ts';
import {
  CONF_OPTIONS,
  EXECUTION_OPTIONS,
  PROCESS_OPTIONS,
  PROJECT_OPTION,
  type ProjectOptions,
  QUEUE_NAME_OPTION,
  queueOf,
  readProjectOptions,
} from './project-options.ts';

/** What `kedro-server start` was told; what is left out has its default where it is used. */
export interface StartOptions extends ProjectOptions {
  readonly host: string;
  readonly port: number;
  readonly reload: boolean;
  /** Addresses of the servers that runs are given to, in place of a project. */
  readonly remote?: readonly string[] | undefined;
  /** URL of the Redis whose queue's workers run the runs, in place of a project. */
  readonly queue?: string | undefined;
  readonly workers?: number | undefined;
  readonly maxBodyBytes?: number | undefined;
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
  ...CONF_OPTIONS,
  { name: 'reload', help: 'Load the project again on a change in src/ or conf/' },
  {
    name: 'workers',
    value: '<number>',
    help: 'Runs at once [a Python process a core; 16 in TypeScript]',
  },
  PROJECT_OPTION,
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
  QUEUE_NAME_OPTION,
  ...EXECUTION_OPTIONS,
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
  ...PROCESS_OPTIONS,
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
  return {
    ...readProjectOptions(given),
    host: textOf(given, 'host') ?? '127.0.0.1',
    port: valueOf(given, 'port', (option, text) => parseInteger(option, text, 0, 65_535)) ?? 8000,
    reload: given.has('reload'),
    queue: queueOf(given),
    remote: valueOf(given, 'remote', parseList),
    workers: valueOf(given, 'workers', parseCount),
    maxBodyBytes: valueOf(given, 'max-body', parseByteSize),
    store: textOf(given, 'store'),
    maxRunAgeMs: valueOf(given, 'keep-days', (option, text) => parseCount(option, text) * dayMs),
    maxEndedRuns: valueOf(given, 'keep-runs', parseCount),
    maxWaiting: valueOf(given, 'max-waiting', (option, text) =>
      parseInteger(option, text, 0, 1_000_000),
    ),
    timeoutMs: valueOf(given, 'timeout', parseSeconds),
    overlap: valueOf(given, 'overlap', (option, text) =>
      parseChoice(option, text, ['wait', 'allow']),
    ),
    allowPrivateCallbacks: given.has('allow-private-callbacks'),
    door: readDoorOptions(given),
  };
}
