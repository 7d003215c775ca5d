import { createDataCatalog, type DataCatalog } from '../catalog/data-catalog.ts';
import { parseParamsJson } from '../config/parse-params-json.ts';
import { fromPlain, toPlain } from '../config/plain-value.ts';
import type { PipelineFilter } from '../pipeline/filter-nodes.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { createHookCaller, type HookCaller, type RunParams } from '../runner/hooks.ts';
import { createRunLogger, type RunLogger } from '../runner/run-logger.ts';
import type { RunnerListener } from '../runner/runner-event.ts';
import type { Runner, RunResult } from '../runner/runner.ts';
import type { ProjectDefinition } from './define-project.ts';
import { findRunner } from './find-runner.ts';
import type { Config, CurrentConfig, KeptConfig, RuntimeParams } from './kept-config.ts';
import { type RegisteredPipelines, selectPipeline } from './registered-pipelines.ts';

/** What is to be run; a run order is one. */
export interface RunRequest extends PipelineFilter {
  /** Versioned datasets are saved under it. */
  readonly runId: string;
  /** Joined, then filtered; none is `__default__`. */
  readonly pipelineNames?: readonly string[] | null;
  readonly loadVersions?: Readonly<Record<string, string>> | null;
  readonly runner?: string | null;
  readonly isAsync?: boolean;
  readonly onlyMissingOutputs?: boolean;
  /** JSON text of the runtime parameters, an object. */
  readonly paramsJson?: string | null;
}

export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cancelGraceMs?: number | undefined;
  readonly onEvent?: RunnerListener | undefined;
}

/** What one run needs of its project. */
export interface SessionProject {
  readonly definition: ProjectDefinition;
  readonly kedroVersion: string;
  readonly pipelines: RegisteredPipelines;
  readonly config: KeptConfig;
  /** What has been found of pipelines that many runs share. */
  readonly warnings: WeakMap<Pipeline, readonly string[]>;
}

function parseRuntimeParams(text: string | null): RuntimeParams | null {
  return text === null ? null : { text: `json ${text}`, values: parseParamsJson(text) };
}

/** Plain values: what `parseParamsJson` keeps apart for texts is one kind of number here. */
function toRuntimeParams(params: RuntimeParams | null): Config {
  const values: Record<string, unknown> = { __proto__: null };
  for (const [key, value] of Object.entries(params?.values ?? {})) {
    values[key] = toPlain(fromPlain(value));
  }
  return values;
}

interface CatalogParts {
  readonly confCatalog: Config;
  readonly confCreds: Config;
  readonly parameters: Config;
}

async function loadCatalogParts(
  current: CurrentConfig,
  runtimeParams: Config,
  log: RunLogger,
): Promise<CatalogParts> {
  const confCatalog = await current.load('catalog');
  const confCreds = (await current.find('credentials')) ?? {};
  const parameters = await current.find('parameters');
  if (parameters === null) {
    log.warning('Parameters not found in your Kedro project config.');
  }
  return { confCatalog, confCreds, parameters: parameters ?? runtimeParams };
}

class Session {
  readonly #project: SessionProject;
  readonly #request: RunRequest;
  readonly #options: SessionOptions;
  readonly #log: RunLogger;
  readonly #hooks: HookCaller;

  constructor(project: SessionProject, request: RunRequest, options: SessionOptions) {
    this.#project = project;
    this.#request = request;
    this.#options = options;
    this.#log = createRunLogger('kedro.framework.session', (line) =>
      options.onEvent?.({ type: 'log', ...line, node: null }),
    );
    this.#hooks = createHookCaller(project.definition.settings?.hooks ?? [], this.#log);
  }

  async run(): Promise<RunResult> {
    const { definition, pipelines, config } = this.#project;
    const names = this.#pipelineNames();
    const runner = findRunner(this.#request.runner ?? null, definition);
    const pipeline = selectPipeline(pipelines, names, this.#request);
    this.#warn(pipeline);
    const params = parseRuntimeParams(this.#request.paramsJson ?? null);
    const runtimeParams = toRuntimeParams(params);
    const parts = await loadCatalogParts(config.read(params), runtimeParams, this.#log);
    const catalog = await this.#createCatalog(parts);
    const runParams = this.#toRunParams(names, runtimeParams, runner);
    return this.#runPipeline(runner, { runParams, pipeline, catalog });
  }

  #warn(pipeline: Pipeline): void {
    const { warnings } = this.#project;
    const known = warnings.get(pipeline) ?? pipeline.warnings();
    warnings.set(pipeline, known);
    for (const warning of known) this.#log.warning(warning);
  }

  #pipelineNames(): readonly string[] {
    const { pipelineNames } = this.#request;
    const isNamed = pipelineNames !== null && pipelineNames !== undefined;
    return isNamed && pipelineNames.length > 0 ? pipelineNames : ['__default__'];
  }

  async #createCatalog(parts: CatalogParts): Promise<DataCatalog> {
    const { runId, loadVersions = null } = this.#request;
    const { fileSystems, datasetTypes } = this.#project.definition.settings ?? {};
    const catalog = createDataCatalog({
      config: parts.confCatalog,
      credentials: parts.confCreds,
      parameters: parts.parameters,
      loadVersions: loadVersions ?? {},
      saveVersion: runId,
      fileSystems,
      datasetTypes,
      onWarning: (message) => this.#log.warning(message),
    });
    if (this.#hooks.has('afterCatalogCreated')) {
      const args = { catalog, ...parts, saveVersion: runId, loadVersions };
      await this.#hooks.call('afterCatalogCreated', args);
    }
    return catalog;
  }

  async #runPipeline(
    runner: Runner,
    args: {
      readonly runParams: RunParams;
      readonly pipeline: Pipeline;
      readonly catalog: DataCatalog;
    },
  ): Promise<RunResult> {
    const hooks = this.#hooks;
    if (hooks.has('beforePipelineRun')) await hooks.call('beforePipelineRun', args);
    let runResult: RunResult;
    try {
      runResult = await runner.run(args.pipeline, args.catalog, {
        ...this.#options,
        runId: this.#request.runId,
        hooks: this.#project.definition.settings?.hooks,
        isAsync: this.#request.isAsync,
        onlyMissingOutputs: this.#request.onlyMissingOutputs,
      });
    } catch (error) {
      if (hooks.has('onPipelineError')) await hooks.call('onPipelineError', { ...args, error });
      throw error;
    }
    if (hooks.has('afterPipelineRun')) {
      await hooks.call('afterPipelineRun', { ...args, runResult });
    }
    return runResult;
  }

  #toRunParams(pipelineNames: readonly string[], runtimeParams: Config, runner: Runner): RunParams {
    const { definition, kedroVersion } = this.#project;
    const request = this.#request;
    return {
      runId: request.runId,
      projectName: definition.projectName,
      env: definition.env ?? null,
      kedroVersion,
      pipelineNames,
      tags: request.tags ?? null,
      fromNodes: request.fromNodes ?? null,
      toNodes: request.toNodes ?? null,
      nodeNames: request.nodeNames ?? null,
      fromInputs: request.fromInputs ?? null,
      toOutputs: request.toOutputs ?? null,
      namespaces: request.namespaces ?? null,
      loadVersions: request.loadVersions ?? null,
      runtimeParams,
      runner: runner.name,
      onlyMissingOutputs: request.onlyMissingOutputs ?? false,
    };
  }
}

/**
 * Runs a request from configuration to results, in Kedro's order. Throws what any step throws:
 * `ProjectFault`, `PipelineError`, `ConfigError`, `DatasetError`, `RunnerError`, and what nodes,
 * hooks and datasets throw.
 */
export async function runSession(
  project: SessionProject,
  request: RunRequest,
  options: SessionOptions = {},
): Promise<RunResult> {
  return new Session(project, request, options).run();
}
