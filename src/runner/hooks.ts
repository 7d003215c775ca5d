import type { DataCatalog } from '../catalog/data-catalog.ts';
import type { Dataset } from '../catalog/dataset.ts';
import type { OutputValues } from '../pipeline/map-outputs.ts';
import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RunLogger } from './run-logger.ts';

/** What the run was asked for, as Kedro's hooks see it. */
export interface RunParams {
  readonly runId: string;
  readonly projectName: string;
  readonly env: string | null;
  readonly kedroVersion: string;
  readonly pipelineNames: readonly string[];
  readonly tags: readonly string[] | null;
  readonly fromNodes: readonly string[] | null;
  readonly toNodes: readonly string[] | null;
  readonly nodeNames: readonly string[] | null;
  readonly fromInputs: readonly string[] | null;
  readonly toOutputs: readonly string[] | null;
  readonly namespaces: readonly string[] | null;
  readonly loadVersions: Readonly<Record<string, string>> | null;
  readonly runtimeParams: Readonly<Record<string, unknown>>;
  readonly runner: string;
  readonly onlyMissingOutputs: boolean;
  /** W3C trace context that the run belongs to, for what a hook sends to others; null without one. */
  readonly traceparent: string | null;
  /** `X-Request-Id` of the request that asked for the run, or null. */
  readonly requestId: string | null;
}

interface NodeArguments {
  readonly node: Node;
  readonly catalog: DataCatalog;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly isAsync: boolean;
  readonly runId: string;
}

interface PipelineArguments {
  readonly runParams: RunParams;
  readonly pipeline: Pipeline;
  readonly catalog: DataCatalog;
}

interface DatasetArguments {
  readonly datasetName: string;
  readonly node: Node;
}

interface DataArguments extends DatasetArguments {
  readonly data: unknown;
}

/** What each hook is called with, by its name. */
export interface HookArguments {
  readonly afterCatalogCreated: {
    readonly catalog: DataCatalog;
    readonly confCatalog: Readonly<Record<string, unknown>>;
    readonly confCreds: Readonly<Record<string, unknown>>;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly saveVersion: string;
    readonly loadVersions: Readonly<Record<string, string>> | null;
  };
  readonly beforePipelineRun: PipelineArguments;
  readonly beforeDatasetLoaded: DatasetArguments;
  readonly afterDatasetLoaded: DataArguments;
  /** `inputs` is a copy: changing it changes nothing, returning inputs does. */
  readonly beforeNodeRun: NodeArguments;
  /** A generator's outputs are not known yet: `outputs` is empty. */
  readonly afterNodeRun: NodeArguments & { readonly outputs: OutputValues };
  readonly onNodeError: NodeArguments & { readonly error: unknown };
  readonly beforeDatasetSaved: DataArguments;
  readonly afterDatasetSaved: DataArguments;
  /** `runResult` has the datasets of the pipeline's final outputs. */
  readonly afterPipelineRun: PipelineArguments & {
    readonly runResult: ReadonlyMap<string, Dataset>;
  };
  readonly onPipelineError: PipelineArguments & { readonly error: unknown };
}

export type HookName = keyof HookArguments;

/** Inputs that take the place of those with the same name, from `beforeNodeRun`. */
export type ReplacedInputs = Readonly<Record<string, unknown>>;

type HookResult<K extends HookName> = K extends 'beforeNodeRun'
  ? ReplacedInputs | null | undefined | void
  : void;

/**
 * Kedro's hooks under Kedro's names, in camel case; each may be async and is waited for. What a
 * hook throws fails the run. `log` writes into the run's log.
 */
export type Hooks = {
  readonly [K in HookName]?: (
    args: HookArguments[K] & { readonly log: RunLogger },
  ) => HookResult<K> | Promise<HookResult<K>>;
};

/** Calls the hooks of a project within one run. */
export interface HookCaller {
  /** Whether any hook has this name: calling the others is time wasted. */
  has(name: HookName): boolean;
  /** Calls one after the other, those that were registered last first, as Kedro does. */
  call<K extends HookName>(name: K, args: HookArguments[K]): Promise<readonly unknown[]>;
}

/** Creates the caller of one run's hooks. */
export function createHookCaller(hooks: readonly Hooks[], log: RunLogger): HookCaller {
  const lastFirst = hooks.toReversed();
  const has = (name: HookName): boolean => lastFirst.some((hook) => hook[name] !== undefined);
  return {
    has: lastFirst.length === 0 ? () => false : has,
    call: async (name, args) => {
      const results: unknown[] = [];
      for (const hook of lastFirst) {
        if (hook[name] !== undefined) results.push(await hook[name]({ ...args, log }));
      }
      return results;
    },
  };
}
