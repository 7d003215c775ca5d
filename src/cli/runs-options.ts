import { suggestName } from '../names/suggest-name.ts';
import { type RunStatus, runStatuses } from '../run/run-record.ts';
import { toHelpLines, type Option } from './option.ts';
import { parseArguments, textOf } from './parse-arguments.ts';
import { parseChoice, parseInteger } from './parse-value.ts';
import { UsageError } from './usage-error.ts';

/** Where the server is, and how to write. */
export interface RunsTarget {
  readonly url: string;
  readonly token: string | undefined;
  readonly json: boolean;
}

export interface ListOptions {
  readonly status: readonly RunStatus[];
  readonly pipeline: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly limit: number;
}

/** What `kedro-server runs` was told. */
export type RunsOptions = RunsTarget &
  (
    | ({ readonly action: 'list' } & ListOptions)
    | { readonly action: 'show' | 'cancel'; readonly id: string }
    | { readonly action: 'watch'; readonly id: string; readonly cancelOnInterrupt: boolean }
    | { readonly action: 'logs'; readonly id: string; readonly follow: boolean }
    | { readonly action: 'retry'; readonly id: string; readonly from: 'start' | 'failed' }
  );

type Action = RunsOptions['action'];

/** The help that was asked for: of one action, or of all. */
export interface RunsHelp {
  readonly action: 'help';
  readonly about: Action | null;
}

const TARGET_OPTIONS: readonly Option[] = [
  { name: 'url', value: '<url>', help: 'The server [KEDRO_SERVER_URL, http://127.0.0.1:8000]' },
  { name: 'token', value: '<token>', help: 'Sent as bearer token [KEDRO_SERVER_TOKEN]' },
  { name: 'json', help: 'Write JSON, one object a line' },
  { name: 'help', short: 'h', help: 'Show this text' },
];

interface ActionHelp {
  readonly summary: string;
  readonly options: readonly Option[];
}

const ACTIONS: Readonly<Record<Action, ActionHelp>> = {
  list: {
    summary: 'List runs, the newest first',
    options: [
      { name: 'status', value: '<names>', help: 'Only runs in these states, with commas between' },
      { name: 'pipeline', value: '<name>', help: 'Only runs of this pipeline' },
      { name: 'label', value: '<key:value>', help: 'Only runs with these labels, commas between' },
      { name: 'limit', value: '<number>', help: 'How many at most [20]' },
    ],
  },
  show: { summary: 'Show a run: request, times, progress, error, outputs', options: [] },
  watch: {
    summary: 'Show what a run does, until it has ended; its outcome is the exit code',
    options: [
      { name: 'cancel-on-interrupt', help: 'Ctrl-C cancels the run instead of leaving it' },
    ],
  },
  cancel: { summary: 'Ask a run to stop', options: [] },
  logs: {
    summary: 'Write what a run has logged and printed',
    options: [{ name: 'follow', short: 'f', help: 'Go on until the run has ended' }],
  },
  retry: {
    summary: 'Submit a run again that has ended',
    options: [{ name: 'from', value: 'start|failed', help: 'All of it, or what is left [start]' }],
  },
};

function isAction(name: string): name is Action {
  return Object.hasOwn(ACTIONS, name);
}

export function toRunsHelp(about: Action | null): string {
  if (about !== null) {
    const { summary, options } = ACTIONS[about];
    const operand = about === 'list' ? '' : ' <id>';
    return `Usage: kedro-server runs ${about}${operand} [options]\n\n${summary}.\n\nOptions:\n${toHelpLines([...options, ...TARGET_OPTIONS])}\n`;
  }
  const actions = Object.entries(ACTIONS).map(
    ([name, { summary }]) => `  ${name.padEnd(8)}${summary}`,
  );
  return `Usage: kedro-server runs <action> [options]

Looks after the runs of a server that is there.

Actions:
${actions.join('\n')}

Options:
${toHelpLines(TARGET_OPTIONS)}

'kedro-server runs <action> --help' shows the options of one.

Examples:
  kedro-server runs list --status failed,crashed
  kedro-server runs watch 0193a1f0-5b1c-7c3e-9d1a-3f1d5a0c8e11
  kedro-server runs retry 0193a1f0-5b1c-7c3e-9d1a-3f1d5a0c8e11 --from failed
`;
}

/** Reads the arguments of `runs`. Throws `UsageError`. */
export function parseRunsOptions([action, ...args]: readonly string[]): RunsOptions | RunsHelp {
  if (action === undefined || action === '--help' || action === '-h') {
    return { action: 'help', about: null };
  }
  if (!isAction(action)) {
    const known = Object.keys(ACTIONS);
    throw new UsageError(
      `Unknown action '${action}'.${suggestName(action, known)} 'kedro-server runs --help' shows those there are.`,
    );
  }
  const command = `kedro-server runs ${action}`;
  const operands: string[] = [];
  const options = [...ACTIONS[action].options, ...TARGET_OPTIONS];
  const given = parseArguments(command, options, args, (operand) => operands.push(operand));
  if (given.has('help')) return { action: 'help', about: action };
  const text = (name: string): string | undefined => textOf(given, name);
  const target: RunsTarget = {
    url: parseUrl(text('url')),
    token: text('token') ?? readVariable('KEDRO_SERVER_TOKEN'),
    json: given.has('json'),
  };
  if (action === 'list') {
    if (operands[0] !== undefined) {
      throw new UsageError(
        `Unexpected argument '${operands[0]}'. 'kedro-server runs show ${operands[0]}' shows one run.`,
      );
    }
    return { action, ...target, ...parseListOptions(text) };
  }
  const id = parseId(action, operands);
  switch (action) {
    case 'watch':
      return { action, id, ...target, cancelOnInterrupt: given.has('cancel-on-interrupt') };
    case 'logs':
      return { action, id, ...target, follow: given.has('follow') };
    case 'retry': {
      const from = parseChoice('from', text('from') ?? 'start', ['start', 'failed']);
      return { action, id, ...target, from };
    }
    case 'show':
    case 'cancel':
      return { action, id, ...target };
  }
}

/** One that is empty is as good as none. */
function readVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

function parseUrl(given: string | undefined): string {
  const url = given ?? readVariable('KEDRO_SERVER_URL') ?? 'http://127.0.0.1:8000';
  const name = given === undefined ? 'KEDRO_SERVER_URL' : '--url';
  if (/^https?:\/\//u.test(url) && URL.canParse(url)) return url;
  throw new UsageError(
    `Invalid value for '${name}': '${url}' is no address of a server, such as http://127.0.0.1:8000.`,
  );
}

function parseId(action: Action, [id, ...others]: readonly string[]): string {
  if (id === undefined) {
    throw new UsageError(
      `Which run? kedro-server runs ${action} <id>; 'kedro-server runs list' shows those there are.`,
    );
  }
  if (others[0] === undefined) return id;
  throw new UsageError(`Unexpected argument '${others[0]}': ${action} takes one run.`);
}

function parseListOptions(text: (name: string) => string | undefined): ListOptions {
  const list = (name: string): readonly string[] => text(name)?.split(',') ?? [];
  const labels = list('label').map((label) => {
    const [, key, value] = /^([^:]+):(.*)$/su.exec(label) ?? [];
    if (key !== undefined && value !== undefined) return [key, value] as const;
    throw new UsageError(
      `Invalid value for '--label': '${label}' is no key:value, such as team:pricing.`,
    );
  });
  return {
    status: list('status').map((name) => parseChoice('status', name, runStatuses)),
    pipeline: text('pipeline'),
    labels: Object.fromEntries(labels),
    limit: parseInteger('limit', text('limit') ?? '20', 1, 10_000),
  };
}
