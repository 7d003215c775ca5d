import {
  createHttpServer,
  createMemoryFileSystem,
  createNativeExecutor,
  defineProject,
  logOf,
  loopbackHosts,
  node,
  pipeline,
  type Executor,
  type HttpServer,
  type NodeContext,
} from '../../src/index.ts';

export interface Fixture {
  readonly executor: Executor;
  /** Lets the runs of `held` end. */
  release(): void;
}

/**
 * A project in memory, which every runtime can hold. `__default__` has the output `total`; `held` waits
 * until it is released or cancelled; `chatty` writes 2,000 lines; `large` has an output of 2 MB.
 */
export function createFixture(): Fixture {
  const released = Promise.withResolvers<void>();
  const hold = async (_: readonly number[], context: NodeContext): Promise<number> => {
    logOf(context).info('waiting');
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    context.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    await Promise.race([released.promise, stopped]);
    return 1;
  };
  const talk = (_: readonly number[], context: NodeContext): number => {
    const log = logOf(context);
    for (let line = 1; line <= 2000; line += 1) log.info(`line ${line}`);
    return 1;
  };
  const passContext = true;
  const project = defineProject({
    projectName: 'Memory',
    packageName: 'memory',
    pipelines: {
      __default__: pipeline([
        node((all: readonly number[]) => all.map((each) => 2 * each), 'numbers', 'doubled', {
          name: 'double',
        }),
        node(
          (all: readonly number[]) => all.reduce((sum, each) => sum + each),
          'doubled',
          'total',
          {
            name: 'add',
          },
        ),
      ]),
      held: pipeline([node(hold, 'numbers', 'held', { name: 'hold', passContext })]),
      chatty: pipeline([node(talk, 'numbers', 'said', { name: 'talk', passContext })]),
      large: pipeline([
        node((all: readonly number[]) => 'ü'.repeat(1_000_000 + all.length), 'numbers', 'text', {
          name: 'write',
        }),
      ]),
    },
    config: {
      'base/parameters.yml': '',
      'base/catalog.yml': 'numbers: { type: json.JSONDataset, filepath: data/numbers.json }',
    },
    settings: { fileSystems: { '': createMemoryFileSystem({ 'data/numbers.json': '[1, 2, 3]' }) } },
  });
  return {
    executor: createNativeExecutor({ project, concurrency: 8 }),
    release: () => released.resolve(),
  };
}

/** A key of the locked server, whose SHA-256 it has. */
export const lockedKey = `kds_${'0123456789abcdef'.repeat(4)}`;

/**
 * Creates a server of the same project that asks who calls, by which name and from which page, and
 * waits for a body for a second.
 */
export function createLockedServer(): HttpServer {
  return createHttpServer({
    executor: createFixture().executor,
    bodyTimeoutMs: 1000,
    allowedHosts: loopbackHosts,
    allowedOrigins: [],
    auth: {
      keys: [
        {
          name: 'ci',
          scopes: ['read', 'run'],
          sha256: 'c76e6fe8fbbe454d7768a3517a59906febc151e171b19917e98cb706ea5441ef',
        },
      ],
    },
  });
}
