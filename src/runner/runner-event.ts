import type { EncodedOutput } from './encode-output.ts';
import type { LogLine } from './run-logger.ts';

/** What happens while a runner runs a pipeline, in order. */
export type RunnerEvent =
  /** The nodes that will run, in execution order. */
  | { readonly type: 'run.planned'; readonly nodes: readonly string[] }
  | { readonly type: 'node.started'; readonly node: string }
  /** The node's outputs are saved. */
  | { readonly type: 'node.finished'; readonly node: string; readonly durationMs: number }
  | { readonly type: 'node.failed'; readonly node: string; readonly error: unknown }
  | {
      readonly type: 'dataset.loaded' | 'dataset.saved';
      readonly dataset: string;
      readonly node: string;
      readonly durationMs: number;
    }
  /** Data of a dataset that was asked for. */
  | (EncodedOutput & { readonly type: 'output.ready'; readonly output: string })
  | { readonly type: 'output.failed'; readonly output: string; readonly error: unknown }
  | (LogLine & { readonly type: 'log'; readonly node: string | null });

/** Is told of events as they happen; must not throw. */
export type RunnerListener = (event: RunnerEvent) => void;
