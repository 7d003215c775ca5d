import type { CatalogRecipe } from '../catalog/data-catalog.ts';
import type { ProjectLocation } from '../project/define-project.ts';
import type { RunnerEvent } from '../runner/runner-event.ts';
import type { ThreadError } from './thread-error.ts';

/** What a thread is started with: enough to load the project. */
export interface ThreadStart {
  readonly location: ProjectLocation;
}

/** What a thread needs of a run before its first node. */
export interface RunStart {
  readonly runId: string;
  readonly isAsync: boolean;
  readonly recipe: CatalogRecipe;
  /** Datasets that the main thread keeps: it loads and saves them for the others. */
  readonly kept: readonly string[];
}

/** Where a node stands among the project's registered pipelines. */
export interface NodePlace {
  readonly pipeline: string;
  readonly node: string;
  /** `Node.key`, to see whether both threads have loaded the same. */
  readonly key: string;
}

/** What is asked of the main thread about a dataset that it keeps. */
export type DatasetRequest =
  | { readonly action: 'load' | 'exists' | 'confirm' }
  | { readonly action: 'save'; readonly data: unknown };

export type ToThread =
  | { readonly type: 'begin'; readonly run: number; readonly start: RunStart }
  | { readonly type: 'node'; readonly run: number; readonly place: NodePlace }
  | { readonly type: 'abort'; readonly run: number; readonly reason: string }
  | { readonly type: 'end'; readonly run: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: ThreadError };

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'broken'; readonly error: ThreadError }
  | { readonly type: 'event'; readonly event: RunnerEvent }
  | {
      readonly type: 'request';
      readonly id: number;
      readonly dataset: string;
      readonly request: DatasetRequest;
    }
  /** The node has ended; `error` is null where its outputs are saved. */
  | { readonly type: 'done'; readonly error: ThreadError | null };
