import type { Option } from './option.ts';
import { type OptionValues, textOf, valueOf } from './parse-arguments.ts';
import {
  parseByteSize,
  parseChoice,
  parseConfSource,
  parseCount,
  parseList,
  parsePlaces,
  parseSeconds,
} from './parse-value.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What a process that runs a project is told; what is left out has its default where it is used. */
export interface ProjectOptions {
  readonly project?: string | undefined;
  readonly env?: string | undefined;
  readonly confSource?: string | undefined;
  readonly python?: string | undefined;
  readonly workerStart?: 'fork' | 'spawn' | undefined;
  readonly maxRunsPerWorker?: number | undefined;
  readonly maxWorkerMemoryBytes?: number | undefined;
  readonly passEnv?: readonly string[] | undefined;
  readonly paramRoots?: readonly string[] | undefined;
  readonly trustParams?: true | undefined;
  readonly queueName?: string | undefined;
  readonly graceMs: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

export const CONF_OPTIONS: readonly Option[] = [
  { name: 'env', short: 'e', value: '<name>', help: 'Kedro configuration environment' },
  {
    name: 'conf-source',
    value: '<path>',
    help: "Configuration folder, archive or URL [the project's conf]",
  },
];

export const PROJECT_OPTION: Option = {
  name: 'project',
  value: '<path>',
  help: 'Folder of the project [found from the current folder upward]',
};

export const QUEUE_NAME_OPTION: Option = {
  name: 'queue-name',
  value: '<name>',
  help: 'Which queue of that Redis [kedro]',
};

/** Of what runs pipelines, and of what a run's parameters may do. */
export const EXECUTION_OPTIONS: readonly Option[] = [
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
];

export const PROCESS_OPTIONS: readonly Option[] = [
  {
    name: 'grace',
    value: '<seconds>',
    help: 'Time that running runs have to end when stopped [30]',
  },
  { name: 'log-level', value: '<level>', help: `One of ${LOG_LEVELS.join(', ')} [info]` },
  { name: 'help', short: 'h', help: 'Show this text' },
];

/** Throws `UsageError`. */
export function readProjectOptions(given: OptionValues): ProjectOptions {
  return {
    project: textOf(given, 'project'),
    env: textOf(given, 'env'),
    confSource: valueOf(given, 'conf-source', parseConfSource),
    python: textOf(given, 'python'),
    workerStart: valueOf(given, 'worker-start', (option, text) =>
      parseChoice(option, text, ['fork', 'spawn']),
    ),
    maxRunsPerWorker: valueOf(given, 'max-runs-per-worker', parseCount),
    maxWorkerMemoryBytes: valueOf(given, 'max-worker-memory', parseByteSize),
    passEnv: valueOf(given, 'pass-env', parseList),
    paramRoots: valueOf(given, 'param-roots', parsePlaces),
    trustParams: given.has('trust-params') ? true : undefined,
    queueName: textOf(given, 'queue-name'),
    graceMs: valueOf(given, 'grace', parseSeconds) ?? 30_000,
    logLevel:
      valueOf(given, 'log-level', (option, text) => parseChoice(option, text, LOG_LEVELS)) ??
      'info',
  };
}

/** URL of the queue; a variable that is set to nothing counts as not set. */
export function queueOf(given: OptionValues): string | undefined {
  const url = process.env['KEDRO_SERVER_QUEUE'];
  return textOf(given, 'queue') ?? (url === '' ? undefined : url);
}
