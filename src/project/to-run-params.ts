import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RunParams } from '../runner/hooks.ts';
import type { ProjectDefinition } from './define-project.ts';
import type { KeptConfig, ParamRules } from './kept-config.ts';
import type { RegisteredPipelines } from './registered-pipelines.ts';
import type { RunRequest } from './run-request.ts';

/** What one run needs of its project. */
export interface SessionProject {
  readonly definition: ProjectDefinition;
  readonly kedroVersion: string;
  readonly pipelines: RegisteredPipelines;
  readonly config: KeptConfig;
  readonly paramRules: ParamRules;
  /** What has been found of pipelines that many runs share. */
  readonly warnings: WeakMap<Pipeline, readonly string[]>;
}

/** What hooks are told of a request; Kedro's `run_params`. */
export function toRunParams(
  { definition, kedroVersion }: SessionProject,
  request: RunRequest,
  known: Pick<RunParams, 'pipelineNames' | 'runtimeParams' | 'runner'>,
): RunParams {
  return {
    ...known,
    runId: request.runId,
    projectName: definition.projectName,
    env: definition.runEnv ?? definition.env ?? null,
    kedroVersion,
    tags: request.tags ?? null,
    fromNodes: request.fromNodes ?? null,
    toNodes: request.toNodes ?? null,
    nodeNames: request.nodeNames ?? null,
    fromInputs: request.fromInputs ?? null,
    toOutputs: request.toOutputs ?? null,
    namespaces: request.namespaces ?? null,
    loadVersions: request.loadVersions ?? null,
    onlyMissingOutputs: request.onlyMissingOutputs ?? false,
    traceparent: request.traceparent ?? null,
    requestId: request.requestId ?? null,
  };
}
