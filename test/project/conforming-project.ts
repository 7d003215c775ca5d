import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import type { NodeContext } from '../../src/pipeline/node-function.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import {
  defineProject,
  type FunctionSource,
  type ProjectDefinition,
} from '../../src/project/define-project.ts';
import { logOf } from '../../src/runner/run-logger.ts';

/** The pipelines that `test/conformance/executor-suite.ts` names, with Kedro's names of functions. */
export interface ConformingProject {
  readonly definition: ProjectDefinition;
  openGate(name: string): void;
  readJson(path: string): Promise<unknown>;
  addParameter(name: string): void;
}

const thisFile = readFileSync(import.meta.filename, 'utf8').split('\n');

function findSource({ name }: { readonly name: string }): FunctionSource | null {
  const index = thisFile.findIndex((line) => line.startsWith(`function ${name}(`));
  if (index === -1) return null;
  const length = thisFile.slice(index).indexOf('}');
  return {
    filepath: 'test/project/conforming-project.ts',
    lineStart: index + 1,
    lineEnd: index + 1 + length,
  };
}

function add_one(numbers: readonly number[]): number[] {
  return numbers.map((number) => number + 1);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function fail(numbers: readonly number[]): number[] {
  throw new RangeError(`cannot go on with ${numbers.length} numbers`);
}

function talk(numbers: readonly number[], context: NodeContext) {
  const log = logOf(context);
  log.print('1 print');
  log.info('2 info');
  log.debug('3 debug');
  log.print('4 print again');
  log.warning('5 warning');
  return numbers;
}

function talk_again(numbers: readonly number[], context: NodeContext) {
  const log = logOf(context);
  log.error('6 error of the second node\nwith a second line');
  log.critical('7 critical');
  return numbers;
}

function echo(tenant: string, resolver: string, context: NodeContext) {
  logOf(context).print(`echo ${tenant} ${resolver}`);
  return { params: tenant, resolver };
}

class Thing {
  readonly #secret = 1;

  reveal(): number {
    return this.#secret;
  }
}

function shape(numbers: readonly number[]) {
  return {
    records: [
      { id: 1, name: 'Zoë' },
      { id: 2, name: null },
    ],
    matrix: [
      [1, 2.5],
      [3, Number.NaN],
    ],
    note: `four numbers: ${JSON.stringify(String(numbers[0]))}\n`,
    mapping: new Map([['a', { b: [true, undefined] }]]),
    thing: new Thing(),
  };
}

function* cut(_numbers: readonly number[]) {
  for (const piece of [1, 2, 3]) yield [piece];
}

function keep<T>(value: T): T {
  return value;
}

class Gates {
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  #get(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }

  open(name: string): void {
    this.#get(name).resolve();
  }

  /** A gate whose name is a path is open when there is a file: other processes can open it. */
  async wait(name: string, signal: AbortSignal): Promise<void> {
    if (isAbsolute(name)) {
      while (!existsSync(name)) await delay(10, undefined, { signal });
      return;
    }
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    await Promise.race([this.#get(name).promise, stopped]);
  }
}

export function createConformingProject(): ConformingProject {
  const gates = new Gates();
  const files = createMemoryFileSystem({ 'data/numbers.json': '[1, 2, 3, 4]' });
  const config: Record<string, string> = {
    'base/catalog.yml': [
      'numbers: { type: json.JSONDataset, filepath: data/numbers.json }',
      'echo: { type: json.JSONDataset, filepath: "data/echo-${runtime_params:tenant, none}.json" }',
      '"{name}_json": { type: json.JSONDataset, filepath: "data/{name}.json" }',
    ].join('\n'),
    'base/parameters.yml':
      'tenant: none\ntenant_by_resolver: "${runtime_params:tenant, none}"\ngate: none\n',
    'local/parameters.yml': '',
  };
  async function wait_at_gate(numbers: readonly number[], gate: string, context: NodeContext) {
    logOf(context).print(`at the gate ${gate}`);
    await gates.wait(gate, context.signal);
    return numbers;
  }
  const passContext = true;
  const memory = pipeline([
    node(add_one, 'numbers', 'more', { name: 'add_one' }),
    node(total, 'more', 'sum_of_more', { name: 'total' }),
  ]);
  const definition = defineProject({
    projectName: 'Conforming',
    packageName: 'conforming',
    pipelines: {
      __default__: memory,
      memory,
      failing_middle: pipeline([
        node(add_one, 'numbers', 'before_json', { name: 'before' }),
        node(fail, 'before_json', 'between', { name: 'middle' }),
        node(total, 'between', 'after_json', { name: 'after' }),
      ]),
      stored: pipeline([
        node(add_one, 'numbers', 'more', { name: 'add_one' }),
        node(total, 'more', 'sum_json', { name: 'total' }),
      ]),
      keep: pipeline([node(keep, 'kept_input', 'kept', { name: 'keep' })]),
      shapes: pipeline([
        node(
          shape,
          'numbers',
          {
            records: 'records',
            matrix: 'matrix',
            note: 'note',
            mapping: 'mapping',
            thing: 'thing',
          },
          { name: 'shape' },
        ),
      ]),
      pieces: pipeline([
        node(cut, 'numbers', 'piece', { name: 'cut' }),
        node(keep, 'piece', 'last', { name: 'take' }),
      ]),
      gate: pipeline([
        node(wait_at_gate, ['numbers', 'params:gate'], 'passed', { name: 'gate', passContext }),
      ]),
      echo: pipeline([
        node(echo, ['params:tenant', 'params:tenant_by_resolver'], 'echo', {
          name: 'echo',
          passContext,
        }),
      ]),
      talk: pipeline([
        node(talk, 'numbers', 'talked', { name: 'talk', passContext }),
        node(talk_again, 'talked', 'talked_again', { name: 'talk_again', passContext }),
      ]),
    },
    config: {
      listFiles: async (folder) =>
        Object.keys(config).filter((path) => path.startsWith(`${folder}/`)),
      readText: async (path) => config[path] ?? '',
    },
    settings: { fileSystems: { '': files }, findSource },
  });
  return {
    definition,
    openGate: (name) => gates.open(name),
    readJson: async (path) =>
      JSON.parse(new TextDecoder().decode(await files.read(path))) as unknown,
    addParameter: (name) => {
      config['local/parameters.yml'] += `${name}: 1\n`;
    },
  };
}
