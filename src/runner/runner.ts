import type { DataCatalog } from '../catalog/data-catalog.ts';
import type { Dataset } from '../catalog/dataset.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Hooks } from './hooks.ts';
import type { RunnerListener } from './runner-event.ts';

export interface RunnerOptions {
  /** For hooks; empty when it is not given. */
  readonly runId?: string | undefined;
  readonly hooks?: readonly Hooks[] | undefined;
  /** Loads a node's inputs at once, and saves its outputs at once. */
  readonly isAsync?: boolean | undefined;
  /** Runs only nodes whose outputs are missing, or needed by such nodes. */
  readonly onlyMissingOutputs?: boolean | undefined;
  /** Reaches nodes' functions; no further node or dataset is begun once it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long what is going on may take to stop once `signal` is aborted, before it is left
   * behind; default: 5,000.
   */
  readonly cancelGraceMs?: number | undefined;
  /** Datasets whose data is told as `output.ready`; those that nobody makes are not. */
  readonly outputs?: readonly string[] | null | undefined;
  /** UTF-8 bytes of JSON above which an output is told as failed; default: without limit. */
  readonly maxOutputBytes?: number | undefined;
  /** W3C trace context that the run belongs to, for nodes that take their context. */
  readonly traceparent?: string | null | undefined;
  readonly onEvent?: RunnerListener | undefined;
}

/** The datasets of a pipeline's final outputs, by name; their data is not loaded. */
export type RunResult = ReadonlyMap<string, Dataset>;

export interface Runner {
  /** As hooks see it. */
  readonly name: string;
  /**
   * Runs the pipeline on the catalog's datasets. Throws what a node's function, a dataset or a
   * hook throws, as it is, and `RunnerError`; the run's log then says from where to resume.
   */
  run(pipeline: Pipeline, catalog: DataCatalog, options?: RunnerOptions): Promise<RunResult>;
}
