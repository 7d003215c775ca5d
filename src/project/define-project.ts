import type { DatasetClass, DatasetType } from '../catalog/dataset.ts';
import type { FileSystems } from '../catalog/file-system.ts';
import type { ConfigLoaderOptions } from '../config/config-loader.ts';
import type { ConfigSource } from '../config/config-source.ts';
import type { NodeFunction } from '../pipeline/node-function.ts';
import type { Hooks } from '../runner/hooks.ts';
import type { Runner } from '../runner/runner.ts';
import type { PipelineRegistry, RegisteredPipelines } from './registered-pipelines.ts';

/** Where a function is written. */
export interface FunctionSource {
  /** Relative to the project, with forward slashes. */
  readonly filepath: string;
  /** 1-based, inclusive. */
  readonly lineStart: number;
  readonly lineEnd: number;
}

/** How configuration is loaded; what is left out is as in Kedro. */
export type ConfigLoaderArgs = Pick<
  ConfigLoaderOptions,
  'baseEnv' | 'defaultRunEnv' | 'patterns' | 'mergeStrategy' | 'customResolvers' | 'environment'
>;

/** Dataset types of one run, which share something that ends with it. */
export interface RunDatasetTypes extends AsyncDisposable {
  readonly datasetTypes: Readonly<Record<string, DatasetType>>;
}

/** Where a project was loaded from, as plain data: enough to load it again in another thread. */
export interface ProjectLocation {
  /** Absolute. */
  readonly projectPath: string;
  readonly env: string | undefined;
  readonly confSource: string | undefined;
}

/** Kedro's `settings.py`. */
export interface ProjectSettings {
  readonly configLoaderArgs?: ConfigLoaderArgs | undefined;
  readonly hooks?: readonly Hooks[] | undefined;
  /** The project's own dataset classes, by the name in a catalog entry's `type`. */
  readonly datasetTypes?: Readonly<Record<string, DatasetClass>> | undefined;
  /** Dataset types that belong to a run, made when one begins; `datasetTypes` win over them. */
  readonly openDatasetTypes?: (() => RunDatasetTypes) | undefined;
  /** By URL prefix; `''` is for paths without one. */
  readonly fileSystems?: FileSystems | undefined;
  /** The project's own runners, by the name that a run asks for. */
  readonly runners?: Readonly<Record<string, () => Runner>> | undefined;
  /** Nodes that a concurrent run works on at once; default: 16. */
  readonly maxConcurrency?: number | undefined;
  /**
   * Makes the runner `ParallelRunner`, where the runtime has threads that can load the project: on
   * Node.js, of projects that are loaded from a folder.
   */
  readonly openParallelRunner?: ((pipelines: RegisteredPipelines) => Runner) | undefined;
  /** Threads of parallel runs, for all runs together; default: one a core. */
  readonly maxThreads?: number | undefined;
  /** Memory that JavaScript objects of one thread may take before it is ended. */
  readonly maxThreadMemoryBytes?: number | undefined;
  /** Tells where a node's function is written, where the runtime can; null for others. */
  readonly findSource?: ((func: NodeFunction) => FunctionSource | null) | undefined;
}

export interface ProjectDefinition {
  readonly projectName: string;
  readonly packageName: string;
  /** Version of Kedro that the project is written for; default: `1.7.0`. */
  readonly kedroVersion?: string | undefined;
  /** By name; `__default__` is what runs when a run names none. */
  readonly pipelines: PipelineRegistry | (() => PipelineRegistry | Promise<PipelineRegistry>);
  /** Configuration: a source, or texts by path (`{ 'base/catalog.yml': '…' }`). */
  readonly config?: ConfigSource | Readonly<Record<string, string>> | undefined;
  /** Environment of runs and of the snapshot; default: the settings' default run environment. */
  readonly env?: string | null | undefined;
  /** Environment of runs, where it is another than the snapshot's. */
  readonly runEnv?: string | null | undefined;
  readonly settings?: ProjectSettings | undefined;
  /** Only of a project that was loaded from a folder. */
  readonly location?: ProjectLocation | undefined;
}

/** Gives a project's definition its type. */
export function defineProject(definition: ProjectDefinition): ProjectDefinition {
  return definition;
}
