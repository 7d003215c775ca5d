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
import { LOG_LEVELS, queueOfEnvironment, type StartOptions } from './start-options.ts';
import { UsageError } from './usage-error.ts';

/** What `kedro-server worker` was told; what is left out has its default where it is used. */
export interface WorkerOptions extends Pick<
  StartOptions,
  | 'project'
  | 'env'
  | 'confSource'
  | 'python'
  | 'workerStart'
  | 'maxRunsPerWorker'
  | 'maxWorkerMemoryBytes'
  | 'trustParams'
  | 'paramRoots'
  | 'passEnv'
  | 'queueName'
  | 'graceMs'
  | 'logLevel'
> {
  readonly queue: string;
  readonly concurrency?: number | undefined;
  readonly lostAfterMs?: number | undefined;
  readonly name?: string | undefined;
}

const OPTIONS: readonly Option[] = [
  { name: 'queue', value: '<url>', help: 'Redis or Valkey: redis://user:password@host:6379/0' },
  { name: 'queue-name', value: '<name>', help: 'Which queue of that Redis [kedro]' },
  {
    name: 'project',
    value: '<path>',
    help: 'Folder of the project [found from the current folder upward]',
  },
  { name: 'concurrency', value: '<number>', help: 'Runs at once, each in a process [one a core]' },
  { name: 'env', short: 'e', value: '<name>', help: 'Kedro configuration environment' },
  {
    name: 'conf-source',
    value: '<path>',
    help: "Configuration folder, archive or URL [the project's conf]",
  },
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
    name: 'param-roots',
    value: '<places>',
    help: 'Folders and URLs, with commas between, that params may lead to',
  },
  { name: 'trust-params', help: "Let params do all that they may in Kedro's shell" },
  {
    name: 'pass-env',
    value: '<names>',
    help: 'Variables that Python workers get too: TOKEN,APP_*, or *',
  },
  { name: 'name', value: '<name>', help: 'What it is called in messages [host and process]' },
  {
    name: 'lost-after',
    value: '<seconds>',
    help: 'Time after which a worker that says nothing is lost [10]',
  },
  {
    name: 'grace',
    value: '<seconds>',
    help: 'Time that running runs have to end when stopped [30]',
  },
  { name: 'log-level', value: '<level>', help: `One of ${LOG_LEVELS.join(', ')} [info]` },
  { name: 'help', short: 'h', help: 'Show this text' },
];

const EXAMPLES = [
  'kedro-server worker --queue redis://127.0.0.1:6379',
  'kedro-server worker --queue redis://redis:6379 --project /app --concurrency 4',
];

export const WORKER_HELP = `Usage: kedro-server worker --queue <url> [options]

Takes runs from a queue in Redis, which servers put there ('kedro-server start --queue <url>'), and
runs them with the project of the current folder. All workers of a queue have the same project.

Options:
${toHelpLines(OPTIONS)}

The variable KEDRO_SERVER_QUEUE counts where --queue is not given, and keeps a password off the
command line. The other variables are those of 'kedro-server start'.

Examples:
${EXAMPLES.map((line) => `  ${line}`).join('\n')}
`;

/** Reads the arguments of `worker`; null when they ask for its help. Throws `UsageError`. */
export function parseWorkerOptions(args: readonly string[]): WorkerOptions | null {
  const given = parseArguments('kedro-server worker', OPTIONS, args);
  if (given.has('help')) return null;
  const read = <T>(name: string, parse: (option: string, text: string) => T): T | undefined => {
    const value = textOf(given, name);
    return value === undefined ? undefined : parse(name, value);
  };
  const text = (_: string, value: string): string => value;
  const count = (option: string, value: string): number =>
    parseInteger(option, value, 1, Number.MAX_SAFE_INTEGER);
  const queue = read('queue', text) ?? queueOfEnvironment();
  if (queue === undefined) {
    throw new UsageError(
      "A worker needs the queue that it takes runs from: '--queue redis://127.0.0.1:6379', or the variable KEDRO_SERVER_QUEUE.",
    );
  }
  return {
    queue,
    queueName: read('queue-name', text),
    project: read('project', text),
    concurrency: read('concurrency', count),
    env: read('env', text),
    confSource: read('conf-source', parseConfSource),
    python: read('python', text),
    workerStart: read('worker-start', (option, value) =>
      parseChoice(option, value, ['fork', 'spawn']),
    ),
    maxRunsPerWorker: read('max-runs-per-worker', count),
    maxWorkerMemoryBytes: read('max-worker-memory', parseByteSize),
    paramRoots: read('param-roots', parsePlaces),
    trustParams: given.has('trust-params') ? true : undefined,
    passEnv: read('pass-env', (_, value) => value.split(',').map((name) => name.trim())),
    name: read('name', text),
    lostAfterMs: read('lost-after', parseSeconds),
    graceMs: read('grace', parseSeconds) ?? 30_000,
    logLevel:
      read('log-level', (option, value) => parseChoice(option, value, LOG_LEVELS)) ?? 'info',
  };
}
