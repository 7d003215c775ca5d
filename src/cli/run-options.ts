import { parseParamsJson } from '../config/parse-params-json.ts';
import { toParamsJson } from '../config/to-params-json.ts';
import { KedroServerError } from '../errors.ts';
import type { RunOrder } from '../executor/run-order.ts';
import { toHelpLines, type Option } from './option.ts';
import { parseArguments, textOf } from './parse-arguments.ts';
import { parseConfSource, parseSeconds } from './parse-value.ts';
import { UsageError } from './usage-error.ts';

/** What `kedro-server run` was told. */
export interface RunOptions {
  readonly order: Omit<RunOrder, 'runId'>;
  readonly project?: string | undefined;
  readonly env?: string | undefined;
  readonly confSource?: string | undefined;
  readonly python?: string | undefined;
  readonly graceMs: number;
}

const names = { value: '<names>', mayBeEmpty: true };

const OPTIONS: readonly Option[] = [
  { name: 'pipelines', ...names, help: 'Registered pipelines, joined [__default__]' },
  { name: 'pipeline', short: 'p', value: '<name>', mayBeEmpty: true, help: 'One of them' },
  { name: 'tags', short: 't', ...names, help: 'Only nodes with one of these tags' },
  { name: 'nodes', short: 'n', ...names, help: 'Only these nodes' },
  { name: 'namespaces', short: 'ns', ...names, help: 'Only nodes of these namespaces' },
  { name: 'from-nodes', ...names, help: 'Only these nodes and what comes after them' },
  { name: 'to-nodes', ...names, help: 'Only these nodes and what comes before them' },
  { name: 'from-inputs', ...names, help: 'Only what comes after these datasets' },
  { name: 'to-outputs', ...names, help: 'Only what comes before these datasets' },
  {
    name: 'load-versions',
    short: 'lv',
    value: '<name:version>',
    mayBeEmpty: true,
    help: 'Versions of datasets to load, with commas between',
  },
  {
    name: 'params',
    value: '<key=value>',
    mayBeEmpty: true,
    help: 'Runtime parameters, with commas between, as in model.lr=0.1',
  },
  {
    name: 'runner',
    short: 'r',
    value: '<name>',
    mayBeEmpty: true,
    help: 'SequentialRunner, ThreadRunner or ParallelRunner',
  },
  {
    name: 'runner-params',
    value: '<key=value>',
    mayBeEmpty: true,
    help: 'is_async=true is what --async is',
  },
  { name: 'async', help: 'Load and save the datasets of a node at once' },
  { name: 'only-missing-outputs', help: 'Only nodes whose outputs are not there' },
  { name: 'env', short: 'e', value: '<name>', mayBeEmpty: true, help: 'Configuration environment' },
  {
    name: 'conf-source',
    value: '<path>',
    mayBeEmpty: true,
    help: "Configuration folder [the project's conf]",
  },
  {
    name: 'project',
    value: '<path>',
    help: 'Folder of the project [found from the current folder upward]',
  },
  {
    name: 'python',
    value: '<path>',
    help: 'Python with Kedro [KEDRO_SERVER_PYTHON, else found]',
  },
  {
    name: 'grace',
    value: '<seconds>',
    help: 'Time that the run has to end when it is cancelled [5]',
  },
  { name: 'help', short: 'h', help: 'Show this text' },
];

const EXAMPLES = [
  'kedro-server run',
  'kedro-server run --pipelines prepare,model --params model.lr=0.1,version=2',
  'kedro-server run --from-nodes train --runner ThreadRunner --env staging',
];

export const RUN_HELP = `Usage: kedro-server run [options]

Runs pipelines of the project of the current folder, in TypeScript or of Kedro, and shows how far
it is. Options and their values are those of 'kedro run': lists have commas between names.

Options:
${toHelpLines(OPTIONS)}

The variables KEDRO_SERVER_ENV (else KEDRO_ENV) and KEDRO_SERVER_CONF_SOURCE count where their
option is not given, and KEDRO_PROJECT_PATH when the current folder is in no project.

The exit code is 0 when the run succeeded, 1 when it failed, 2 when the command line is wrong, and
130 when it was cancelled by Ctrl-C. Twice ends it at once.

Examples:
${EXAMPLES.map((line) => `  ${line}`).join('\n')}
`;

/** Reads the arguments of `run`; null when they ask for its help. Throws `UsageError`. */
export function parseRunOptions(args: readonly string[]): RunOptions | null {
  const given = parseArguments('kedro-server run', OPTIONS, args);
  if (given.has('help')) return null;
  const text = (name: string): string | null => textOf(given, name) ?? null;
  const list = (name: string): readonly string[] | null => toList(text(name));
  const nodeList = (name: string): readonly string[] | null => toNodeList(text(name));
  const pipeline = text('pipeline');
  const pipelines = list('pipelines');
  if (pipeline !== null && pipelines !== null) {
    throw new UsageError("Options '--pipeline' and '--pipelines' cannot be used together.");
  }
  const confSource = text('conf-source');
  const grace = text('grace');
  const params = text('params');
  return {
    order: {
      pipelineNames: pipeline === null ? pipelines && [...new Set(pipelines)] : [pipeline],
      fromInputs: list('from-inputs'),
      toOutputs: list('to-outputs'),
      fromNodes: nodeList('from-nodes'),
      toNodes: nodeList('to-nodes'),
      nodeNames: nodeList('nodes'),
      tags: list('tags'),
      namespaces: nodeList('namespaces'),
      loadVersions: parseLoadVersions(text('load-versions')),
      runner: text('runner'),
      isAsync: parseAsync(text('runner-params'), given.has('async')),
      onlyMissingOutputs: given.has('only-missing-outputs'),
      paramsJson: params === null ? null : parseParams('params', params),
    },
    project: text('project') ?? undefined,
    env: text('env') ?? undefined,
    confSource: confSource === null ? undefined : parseConfSource('conf-source', confSource),
    python: text('python') ?? undefined,
    graceMs: grace === null ? 5000 : parseSeconds('grace', grace),
  };
}

function toList(text: string | null): readonly string[] | null {
  if (text === null) return null;
  const items = text.split(',').map((item) => item.trim());
  const named = items.filter((item) => item !== '');
  return named.length === 0 ? null : named;
}

/** Kedro's rule for names of nodes, which may hold commas within brackets: `f([a,b]) -> [c]`. */
function toNodeList(text: string | null): readonly string[] | null {
  if (text === null) return null;
  const found: string[] = [];
  let name = '';
  let depth = 0;
  for (const character of `${text},`) {
    if (character === '[') depth += 1;
    else if (character === ']') depth -= 1;
    if (character === ',' && depth === 0 && name !== '') {
      found.push(name.trim());
      name = '';
    } else name += character;
  }
  return found.length === 0 ? null : found;
}

function parseLoadVersions(text: string | null): Readonly<Record<string, string>> | null {
  if (text === null) return null;
  const pairs = text.split(',').map((item) => {
    const [, dataset, version] = /^([^:]*):(.*)$/su.exec(item.trim()) ?? [];
    if (dataset === undefined || version === undefined) {
      throw new UsageError(
        `Expected the form of '--load-versions' to be 'dataset_name:YYYY-MM-DDThh.mm.ss.sssZ', found '${item}' instead.`,
      );
    }
    return [dataset, version] as const;
  });
  return Object.fromEntries(pairs);
}

function parseParams(option: string, text: string): string {
  try {
    return toParamsJson(text);
  } catch (error) {
    if (error instanceof KedroServerError) {
      throw new UsageError(`Invalid value for '--${option}': ${error.message}`);
    }
    throw error;
  }
}

/** Kedro's runners are made with these; of ours only one can be told in a run. */
function parseAsync(runnerParams: string | null, isAsync: boolean): boolean {
  if (runnerParams === null) return isAsync;
  const params = parseParamsJson(parseParams('runner-params', runnerParams));
  const { is_async: told, ...others } = params;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || (told !== undefined && typeof told !== 'boolean')) {
    throw new UsageError(
      `Invalid value for '--runner-params': '${runnerParams}'. A run takes is_async=true or is_async=false; how many nodes run at once is for the project's settings.`,
    );
  }
  if (isAsync && told === false) {
    throw new UsageError(
      "Options '--async' and '--runner-params=is_async=False' cannot be used together.",
    );
  }
  return told ?? isAsync;
}
