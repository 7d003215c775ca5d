import type { DataCatalog } from '../catalog/data-catalog.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { nameList } from '../pipeline/name-list.ts';
import type { Node } from '../pipeline/node.ts';
import { createOutputCollector, type OutputCollector } from './collect-outputs.ts';
import { createHookCaller, type HookCaller } from './hooks.ts';
import { createRunLogger, type LogLine, type RunLogger, setLogger } from './run-logger.ts';
import { cancelledError, type RunnerError } from './runner-error.ts';
import type { RunnerEvent, RunnerListener } from './runner-event.ts';
import type { RunnerOptions } from './runner.ts';

interface ActiveNode {
  readonly startedAt: number;
  abort: AbortController | null;
}

/** One run of a runner: what its nodes share, and which of them are running now. */
export class ActiveRun {
  readonly catalog: DataCatalog;
  readonly hooks: HookCaller;
  readonly runId: string;
  readonly isAsync: boolean;
  readonly signal: AbortSignal;
  readonly traceparent: string | null;
  /** Writes lines that are of no node. */
  readonly log: RunLogger;
  readonly done = new Set<Node>();
  /** Null when no outputs are wanted. */
  readonly outputs: OutputCollector | null;
  readonly #active = new Map<Node, ActiveNode>();
  #listener: RunnerListener | undefined;

  constructor(pipeline: Pipeline, catalog: DataCatalog, options: RunnerOptions, isAsync: boolean) {
    this.catalog = catalog;
    this.runId = options.runId ?? '';
    this.isAsync = isAsync;
    this.signal = options.signal ?? new AbortController().signal;
    this.traceparent = options.traceparent ?? null;
    this.#listener = options.onEvent;
    this.log = this.#createLogger('kedro.runner', null);
    this.hooks = createHookCaller(options.hooks ?? [], this.log);
    const { outputs, maxOutputBytes = Infinity } = options;
    this.outputs =
      outputs === undefined || outputs === null || outputs.length === 0
        ? null
        : createOutputCollector({
            names: outputs,
            maxBytes: maxOutputBytes,
            pipeline,
            catalog,
            tell: (event) => this.#listener?.(event),
          });
  }

  plan(nodes: readonly Node[]): void {
    this.#listener?.({ type: 'run.planned', nodes: nodes.map(({ name }) => name) });
  }

  start(node: Node): void {
    this.#active.set(node, { startedAt: performance.now(), abort: null });
    this.#listener?.({ type: 'node.started', node: node.name });
  }

  finish(node: Node): void {
    const active = this.#active.get(node);
    if (active === undefined) return;
    this.#active.delete(node);
    this.done.add(node);
    const durationMs = performance.now() - active.startedAt;
    this.#listener?.({ type: 'node.finished', node: node.name, durationMs });
  }

  fail(node: Node, error: unknown): void {
    if (this.#active.delete(node)) {
      this.#listener?.({ type: 'node.failed', node: node.name, error });
    }
  }

  loaded(dataset: string, node: Node, startedAt: number): void {
    const durationMs = performance.now() - startedAt;
    this.#listener?.({ type: 'dataset.loaded', dataset, node: node.name, durationMs });
  }

  saved(dataset: string, node: Node, startedAt: number): void {
    const durationMs = performance.now() - startedAt;
    this.#listener?.({ type: 'dataset.saved', dataset, node: node.name, durationMs });
  }

  warn(node: Node, message: string): void {
    this.#write('warning', message, node);
  }

  /** Throws when the run is not to go on; `node` says what it was about. */
  checkpoint(node: Node): void {
    if (this.signal.aborted) throw this.cancelled(node);
  }

  cancelled(node: Node, cause: unknown = this.signal.reason): RunnerError {
    return cancelledError(`in node '${node.name}'`, cause);
  }

  /**
   * A signal of the node's own: with it `logOf` finds a logger that knows the node. It is aborted
   * with the run's.
   */
  signalFor(node: Node): AbortSignal {
    const active = this.#active.get(node);
    if (!node.passContext || active === undefined) return this.signal;
    const abort = new AbortController();
    active.abort = abort;
    setLogger(abort.signal, this.#createLogger(node.name, node));
    return abort.signal;
  }

  /** Passes the run's abort on to the nodes that run. */
  abortNodes(): void {
    for (const { abort } of this.#active.values()) abort?.abort(this.signal.reason);
  }

  /** Leaves what still goes on behind: its nodes have failed. `say` tells what became of them. */
  abandon(say: (names: string) => string): RunnerError {
    const names = Array.from(this.#active.keys(), ({ name }) => name);
    const error = cancelledError(say(nameList(names)), this.signal.reason);
    for (const node of this.#active.keys()) this.fail(node, error);
    return error;
  }

  /** Tells what has happened where another thread runs a node. */
  relay(event: RunnerEvent): void {
    this.#listener?.(event);
  }

  /** Nothing more is heard of the run, whatever of it still goes on. */
  close(): void {
    this.#listener = undefined;
  }

  #createLogger(name: string, node: Node | null): RunLogger {
    return createRunLogger(name, (line) => this.#emitLine(line, node));
  }

  #write(level: LogLine['level'], message: string, node: Node): void {
    this.#emitLine({ level, logger: 'kedro.runner', source: 'logging', message }, node);
  }

  #emitLine(line: LogLine, node: Node | null): void {
    this.#listener?.({ type: 'log', ...line, node: node?.name ?? null });
  }
}
