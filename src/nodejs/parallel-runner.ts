import { availableParallelism } from 'node:os';
import { MemoryDataset } from '../catalog/memory-dataset.ts';
import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { ProjectLocation, ProjectSettings } from '../project/define-project.ts';
import type { RegisteredPipelines } from '../project/registered-pipelines.ts';
import type { ActiveRun } from '../runner/active-run.ts';
import { createRunner, type NodeWorkers } from '../runner/create-runner.ts';
import { isCancelled, RunnerError } from '../runner/runner-error.ts';
import type { Runner } from '../runner/runner.ts';
import { runConcurrently } from '../runner/schedule-nodes.ts';
import { buffersOf } from './cloneable.ts';
import { type ProjectThread, threadEnded } from './project-thread.ts';
import { checkShared } from './thread-dataset.ts';
import { fromThreadError, toThreadError } from './thread-error.ts';
import type { FromThread, NodePlace, RunStart } from './thread-messages.ts';
import { ThreadPool } from './thread-pool.ts';

type Asked = Pick<Extract<FromThread, { readonly type: 'request' }>, 'dataset' | 'request'>;

interface Served {
  readonly value: unknown;
  /** Of the value: nobody needs them here any more. */
  readonly transfer: readonly ArrayBuffer[];
}

let lastRun = 0;

/** Kedro's count: nodes that depend on each other cannot run side by side. */
function usefulThreads({ nodes, groupedNodes }: Pipeline, maxThreads: number): number {
  return Math.max(1, Math.min(nodes.length - groupedNodes.length + 1, maxThreads));
}

function placeOf(node: Node, pipelines: RegisteredPipelines): NodePlace {
  for (const [pipeline, { nodes }] of pipelines) {
    if (nodes.includes(node)) return { pipeline, node: node.name, key: node.key };
  }
  throw new RunnerError(
    'node-not-shared',
    `Node '${node.name}' is of no registered pipeline, so that other threads cannot find its function. Register it, or run the pipeline with 'ThreadRunner' or 'SequentialRunner'.`,
  );
}

/** One run, whose nodes run in threads. */
class ThreadedRun implements NodeWorkers {
  readonly #id: number;
  readonly #run: ActiveRun;
  readonly #pool: ThreadPool;
  readonly #pipelines: RegisteredPipelines;
  readonly #start: RunStart;
  /** Those that work on a node. */
  readonly #working = new Set<ProjectThread>();
  /** Those that know the run. */
  readonly #begun = new Set<ProjectThread>();
  /** How often the nodes that have not ended read each dataset that nodes give. */
  readonly #reads = new Map<string, number>();

  constructor(
    run: ActiveRun,
    pipeline: Pipeline,
    pool: ThreadPool,
    pipelines: RegisteredPipelines,
  ) {
    lastRun += 1;
    this.#id = lastRun;
    this.#run = run;
    this.#pool = pool;
    this.#pipelines = pipelines;
    const { catalog, runId, isAsync } = run;
    // The others are in files, for whoever has the configuration.
    const kept = [...pipeline.datasets()].filter(
      (name) => !catalog.isConfigured(name) || catalog.get(name).ephemeral === true,
    );
    this.#start = { runId, isAsync, recipe: catalog.recipe, kept };
    const given = pipeline.allOutputs();
    for (const name of pipeline.nodes.flatMap(({ inputs }) => inputs)) {
      if (given.has(name)) this.#reads.set(name, (this.#reads.get(name) ?? 0) + 1);
    }
    run.signal.addEventListener('abort', this.#abort, { once: true });
  }

  readonly #abort = (): void => {
    const reason = String(this.#run.signal.reason);
    for (const thread of this.#working) thread.post({ type: 'abort', run: this.#id, reason });
  };

  async work(node: Node): Promise<void> {
    const run = this.#run;
    run.checkpoint(node);
    const place = placeOf(node, this.#pipelines);
    const thread = await this.#acquire(node);
    this.#working.add(thread);
    run.start(node);
    try {
      await this.#workIn(thread, node, place);
      for (const name of node.outputs) await run.outputs?.load(name);
    } catch (thrown) {
      const isAbort = run.signal.aborted && !isCancelled(thrown);
      const error = isAbort ? run.cancelled(node, thrown) : thrown;
      run.fail(node, error);
      throw error;
    } finally {
      this.#working.delete(thread);
      this.#pool.release(thread);
      for (const name of node.inputs) this.#reads.set(name, (this.#reads.get(name) ?? 1) - 1);
    }
    run.finish(node);
  }

  abandon(): Error {
    const error = this.#run.abandon(
      (names) => `and the threads of ${names}, which did not stop, were ended`,
    );
    for (const thread of this.#working) void thread.terminate();
    return error;
  }

  async close(): Promise<void> {
    this.#run.signal.removeEventListener('abort', this.#abort);
    for (const thread of this.#begun) thread.post({ type: 'end', run: this.#id });
  }

  async #acquire(node: Node): Promise<ProjectThread> {
    const run = this.#run;
    try {
      const thread = await this.#pool.acquire(run.signal);
      if (!this.#begun.has(thread)) {
        this.#begun.add(thread);
        thread.post({ type: 'begin', run: this.#id, start: this.#start });
      }
      return thread;
    } catch (error) {
      throw run.signal.aborted ? run.cancelled(node) : error;
    }
  }

  async #workIn(thread: ProjectThread, node: Node, place: NodePlace): Promise<void> {
    const done = Promise.withResolvers<void>();
    thread.listen((message) => {
      switch (message.type) {
        case 'event':
          this.#hear(message.event);
          break;
        case 'request':
          void this.#answer(thread, message.id, message);
          break;
        case 'done':
          if (message.error === null) done.resolve();
          else done.reject(fromThreadError(message.error));
          break;
      }
    });
    void thread.ended.then((reason) =>
      done.reject(threadEnded(`Node '${node.name}' ended the thread that it ran in`, reason)),
    );
    thread.post({ type: 'node', run: this.#id, place });
    await done.promise;
  }

  /** Starts and ends of nodes are told by this thread, which knows when they are over. */
  #hear(event: Parameters<ActiveRun['relay']>[0]): void {
    if (!event.type.startsWith('node.')) this.#run.relay(event);
  }

  async #answer(thread: ProjectThread, id: number, asked: Asked): Promise<void> {
    try {
      const { value, transfer } = await this.#serve(asked);
      thread.post({ type: 'answer', id, value }, transfer);
    } catch (error) {
      thread.post({ type: 'refusal', id, error: toThreadError(error) });
    }
  }

  async #serve({ dataset: name, request }: Asked): Promise<Served> {
    const { catalog } = this.#run;
    const dataset = catalog.get(name);
    switch (request.action) {
      case 'load': {
        const lent = dataset instanceof MemoryDataset ? dataset.lend() : undefined;
        const value = lent ?? (await catalog.load(name));
        checkShared(value, 'dataset-load-failed');
        const isLast = lent !== undefined && this.#reads.get(name) === 1;
        return { value, transfer: isLast ? buffersOf(value) : [] };
      }
      case 'save':
        if (dataset instanceof MemoryDataset) dataset.keep(request.data);
        else await catalog.save(name, request.data);
        return { value: null, transfer: [] };
      case 'exists':
        return { value: await catalog.exists(name), transfer: [] };
      case 'confirm':
        await catalog.confirm(name);
        return { value: null, transfer: [] };
    }
  }
}

const idleMs = 60_000;

/**
 * Opens the threads of a project that is loaded from a folder; they start when a run needs them.
 * What is returned makes the runner of one run, which takes the place of Kedro's
 * `ParallelRunner`: hooks of nodes and datasets are called in the threads, datasets in files are
 * loaded and saved there, and others pass through this thread, as structured clones.
 */
export function openThreads(
  location: ProjectLocation,
  settings: Pick<ProjectSettings, 'maxThreads' | 'maxThreadMemoryBytes'>,
): (pipelines: RegisteredPipelines) => Runner {
  const { maxThreads = availableParallelism(), maxThreadMemoryBytes: maxMemoryBytes } = settings;
  if (!Number.isInteger(maxThreads) || maxThreads < 1) {
    throw new RunnerError(
      'concurrency-invalid',
      `maxThreads must be a positive whole number, not ${maxThreads}.`,
    );
  }
  const pool = new ThreadPool({ location, maxThreads, maxMemoryBytes, idleMs });
  return (pipelines) =>
    createRunner({
      name: 'ParallelRunner',
      schedule: async (pipeline, work) =>
        runConcurrently(pipeline, usefulThreads(pipeline, maxThreads), work),
      toAsync: (isAsync) => isAsync,
      open: (run, pipeline) => new ThreadedRun(run, pipeline, pool, pipelines),
    });
}
