import { createMemoryFileSystem } from '../../src/catalog/memory-file-system.ts';
import { createNativeExecutor } from '../../src/executor/native-executor.ts';
import { createHttpServer, type HttpServerOptions } from '../../src/http/create-http-server.ts';
import type { NodeContext } from '../../src/pipeline/node-function.ts';
import { node } from '../../src/pipeline/node.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { defineProject } from '../../src/project/define-project.ts';
import { logOf } from '../../src/runner/run-logger.ts';

type Options = Partial<HttpServerOptions> & { readonly concurrency?: number };

/** A run as the server shows it. */
export interface ShownRun {
  readonly id: string;
  readonly status: string;
  readonly save_version: string;
  readonly last_event_id: number;
  readonly attempt: number;
  readonly retry_of: string | null;
  readonly request: Readonly<Record<string, unknown>>;
  readonly queue: { readonly position: number } | null;
  readonly error: { readonly type: string; readonly node: string | null } | null;
  readonly outputs: readonly { readonly name: string; readonly data?: unknown }[];
  readonly progress: { readonly nodes_done: number };
  readonly links: Readonly<Record<string, string>>;
}

export interface Problem {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly run_id?: string;
  readonly run_ids?: readonly string[];
  readonly trace_id: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly detail: string;
    readonly close_names?: readonly string[];
  }[];
}

/**
 * A server of a small shop's project, in process. `gated` waits at a gate between two nodes that
 * talk; `flaky` fails in the middle until it is mended, after data that is kept (versioned) and
 * data that is only in memory.
 */
export function createShopServer({ concurrency = 4, ...options }: Options = {}) {
  const files = createMemoryFileSystem({ 'data/numbers.json': '[1, 2, 3]' });
  const ran: string[] = [];
  const gate = Promise.withResolvers<void>();
  let isMended = false;
  const scale = (numbers: readonly number[], factor: number) =>
    numbers.map((each) => each * factor);
  const total = (numbers: readonly number[]) => ({
    total: numbers.reduce((sum, each) => sum + each, 0),
  });
  const noted =
    (name: string) =>
    (numbers: readonly number[]): readonly number[] => {
      ran.push(name);
      return numbers;
    };
  async function waitAtGate(numbers: readonly number[], { signal }: NodeContext) {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
    await Promise.race([gate.promise, stopped]);
    return numbers;
  }
  function talk(numbers: readonly number[], context: NodeContext) {
    const log = logOf(context);
    log.print(`${numbers.length} numbers`);
    log.warning('a line\n2026-01-01T00:00:00.000Z INFO     [talk] and one that it is not');
    return numbers;
  }
  const passContext = true;
  const project = defineProject({
    projectName: 'Shop',
    packageName: 'shop',
    pipelines: {
      __default__: pipeline([
        node(scale, ['numbers', 'params:factor'], 'scaled', { name: 'scale', tags: 'first' }),
        node(total, 'scaled', 'sums', { name: 'total', tags: 'last' }),
      ]),
      gated: pipeline([
        node(talk, 'numbers', 'told', { name: 'talk', passContext }),
        node(waitAtGate, 'told', 'passed', { name: 'gate', passContext }),
      ]),
      flaky: pipeline([
        node(noted('read'), 'numbers', 'stamped', { name: 'read' }),
        node(noted('warm'), 'numbers', 'warm', { name: 'warm' }),
        node(
          (stamped: readonly number[], warm: readonly number[]) => {
            ran.push(`middle of ${stamped.length}`);
            if (!isMended) throw new RangeError('not yet');
            return [...stamped, ...warm];
          },
          ['stamped', 'warm'],
          'middle',
          { name: 'middle' },
        ),
        node(total, 'middle', 'last', { name: 'last' }),
      ]),
    },
    config: {
      'base/parameters.yml': 'factor: 2\n',
      'base/catalog.yml': [
        'numbers: { type: json.JSONDataset, filepath: data/numbers.json }',
        'stamped: { type: json.JSONDataset, filepath: data/stamped.json, versioned: true }',
      ].join('\n'),
    },
    settings: { fileSystems: { '': files } },
  });
  const app = createHttpServer({
    executor: createNativeExecutor({ project, concurrency }),
    ...options,
  });

  function post(path: string, body?: object | string, headers: Record<string, string> = {}) {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    return Promise.resolve(
      app.request(path, {
        method: 'POST',
        headers: text === undefined ? headers : { 'content-type': 'application/json', ...headers },
        body: text ?? null,
      }),
    );
  }

  async function runOf(response: Response | Promise<Response>): Promise<ShownRun> {
    return (await (await response).json()) as ShownRun;
  }

  return {
    app,
    files,
    /** What the nodes of `flaky` have done. */
    ran,
    openGate: () => gate.resolve(),
    mend: () => (isMended = true),
    post,
    runOf,
    /** Submits a run and waits for its end. */
    runToEnd: async (body: object = {}) => runOf(post('/runs', body, { prefer: 'wait=30' })),
    show: async (id: string, query = '') => runOf(app.request(`/runs/${id}${query}`)),
  };
}

export type ShopServer = ReturnType<typeof createShopServer>;

export async function problemOf(response: Response | Promise<Response>): Promise<Problem> {
  const answer = await response;
  const type = answer.headers.get('content-type');
  if (type !== 'application/problem+json') throw new Error(`${answer.status} is ${type}`);
  return (await answer.json()) as Problem;
}
