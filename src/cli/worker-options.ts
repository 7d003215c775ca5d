import { toHelpLines, type Option } from './option.ts';
import { parseArguments, textOf, valueOf } from './parse-arguments.ts';
import { parseCount, parseSeconds } from './parse-value.ts';
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
import { UsageError } from './usage-error.ts';

/** What `kedro-server worker` was told; what is left out has its default where it is used. */
export interface WorkerOptions extends ProjectOptions {
  readonly queue: string;
  readonly concurrency?: number | undefined;
  readonly lostAfterMs?: number | undefined;
  readonly name?: string | undefined;
}

const OPTIONS: readonly Option[] = [
  { name: 'queue', value: '<url>', help: 'Redis or Valkey: redis://user:password@host:6379/0' },
  QUEUE_NAME_OPTION,
  PROJECT_OPTION,
  { name: 'concurrency', value: '<number>', help: 'Runs at once, each in a process [one a core]' },
  ...CONF_OPTIONS,
  ...EXECUTION_OPTIONS,
  { name: 'name', value: '<name>', help: 'What it is called in messages [host and process]' },
  {
    name: 'lost-after',
    value: '<seconds>',
    help: 'Time after which a worker that says nothing is lost [10]',
  },
  ...PROCESS_OPTIONS,
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
  const queue = queueOf(given);
  if (queue === undefined) {
    throw new UsageError(
      "A worker needs the queue that it takes runs from: '--queue redis://127.0.0.1:6379', or the variable KEDRO_SERVER_QUEUE.",
    );
  }
  return {
    ...readProjectOptions(given),
    queue,
    concurrency: valueOf(given, 'concurrency', parseCount),
    name: textOf(given, 'name'),
    lostAfterMs: valueOf(given, 'lost-after', parseSeconds),
  };
}
