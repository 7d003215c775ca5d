import type { Confinement } from '../catalog/confinement.ts';
import { createDataCatalog, type DataCatalog } from '../catalog/data-catalog.ts';
import { fromPlain, toPlain } from '../config/plain-value.ts';
import { entriesOfRuntimeParams } from '../config/runtime-values.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import {
  createHookCaller,
  type HookArguments,
  type HookCaller,
  type HookName,
} from '../runner/hooks.ts';
import { defaultCancelGraceMs, orLeaveBehind } from '../runner/leave-behind.ts';
import { createRunLogger, type RunLogger } from '../runner/run-logger.ts';
import { cancelledError } from '../runner/runner-error.ts';
import type { RunnerListener } from '../runner/runner-event.ts';
import type { Runner, RunResult } from '../runner/runner.ts';
import type { RunDatasetTypes } from './define-project.ts';
import { findRunner } from './find-runner.ts';
import type { Config, CurrentConfig, RuntimeParams } from './kept-config.ts';
import { selectPipeline } from './registered-pipelines.ts';
import { feedCatalog, parseRunInputs, type RunInputs } from './run-inputs.ts';
import { pipelineNamesOf, type RunRequest } from './run-request.ts';
import { parseRuntimeParams } from './runtime-params.ts';
import { type SessionProject, toRunParams } from './to-run-params.ts';

export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cancelGraceMs?: number | undefined;
  readonly maxOutputBytes?: number | undefined;
  readonly onEvent?: RunnerListener | undefined;
  /** Told of the run's credentials before anything can use them. */
  readonly onCredentials?: ((credentials: Config) => void) | undefined;
}

/** Plain values: what `parseParamsJson` keeps apart for texts is one kind of number here. */
function toRuntimeParams(params: RuntimeParams | null): Config {
  const values: Record<string, unknown> = { __proto__: null };
  for (const [key, value] of Object.entries(params?.values ?? {})) {
    values[key] = toPlain(fromPlain(value));
  }
  return values;
}

const noCredentials: Config = Object.freeze({});

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
  const confCreds = (await current.find('credentials')) ?? noCredentials;
  const parameters = await current.find('parameters');
  if (parameters === null) {
    log.warning('Parameters not found in your Kedro project config.');
  }
  return { confCatalog, confCreds, parameters: parameters ?? runtimeParams };
}

type DatasetTypes = RunDatasetTypes['datasetTypes'];
type PipelineArguments = HookArguments['beforePipelineRun'];

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
    await using types = this.#project.definition.settings?.openDatasetTypes?.();
    return await this.#runWith(types?.datasetTypes ?? {});
  }

  async #runWith(runTypes: DatasetTypes): Promise<RunResult> {
    const names = pipelineNamesOf(this.#request);
    const { definition, pipelines } = this.#project;
    const runner = findRunner(this.#request.runner ?? null, definition, pipelines);
    const args = await this.#within(
      this.#prepare(names, runner, runTypes),
      'before its first node',
    );
    let runResult: RunResult;
    try {
      runResult = await this.#runPipeline(runner, args);
    } catch (error) {
      const told = this.#callHook('onPipelineError', { ...args, error });
      await this.#within(told, "in the hook 'onPipelineError'");
      throw error;
    }
    const told = this.#callHook('afterPipelineRun', { ...args, runResult });
    await this.#within(told, "in the hook 'afterPipelineRun'");
    return runResult;
  }

  /** What hooks and file systems wait for must not outlive a cancelled run either. */
  async #within<T>(work: Promise<T>, where: string): Promise<T> {
    const { signal, cancelGraceMs = defaultCancelGraceMs } = this.#options;
    if (signal === undefined) return work;
    return orLeaveBehind(work, signal, cancelGraceMs, () => cancelledError(where, signal.reason));
  }

  async #callHook<K extends HookName>(name: K, args: HookArguments[K]): Promise<void> {
    if (this.#hooks.has(name)) await this.#hooks.call(name, args);
  }

  async #prepare(
    names: readonly string[],
    runner: Runner,
    runTypes: DatasetTypes,
  ): Promise<PipelineArguments> {
    const { pipelines, config } = this.#project;
    const pipeline = selectPipeline(pipelines, names, this.#request);
    const inputs = parseRunInputs(this.#request, pipeline);
    this.#warn(pipeline);
    const params = parseRuntimeParams(this.#request.paramsJson ?? null);
    const runtimeParams = toRuntimeParams(params);
    const parts = await loadCatalogParts(config.read(params), runtimeParams, this.#log);
    this.#options.onCredentials?.(parts.confCreds);
    const catalog = await this.#createCatalog(parts, runTypes, inputs);
    const runParams = toRunParams(this.#project, this.#request, {
      pipelineNames: names,
      runtimeParams,
      runner: runner.name,
    });
    const args = { runParams, pipeline, catalog };
    await this.#callHook('beforePipelineRun', args);
    return args;
  }

  #warn(pipeline: Pipeline): void {
    const { warnings } = this.#project;
    const known = warnings.get(pipeline) ?? pipeline.warnings();
    warnings.set(pipeline, known);
    for (const warning of known) this.#log.warning(warning);
  }

  async #createCatalog(
    parts: CatalogParts,
    runTypes: DatasetTypes,
    inputs: RunInputs,
  ): Promise<DataCatalog> {
    const { runId, loadVersions = null } = this.#request;
    const { fileSystems, datasetTypes } = this.#project.definition.settings ?? {};
    const catalog = createDataCatalog({
      config: parts.confCatalog,
      credentials: parts.confCreds,
      parameters: parts.parameters,
      loadVersions: loadVersions ?? {},
      saveVersion: runId,
      fileSystems,
      confinement: this.#confinement(parts.confCatalog),
      datasetTypes: { ...runTypes, ...datasetTypes },
      onWarning: (message) => this.#log.warning(message),
    });
    await feedCatalog(catalog, inputs);
    const args = { catalog, ...parts, saveVersion: runId, loadVersions };
    await this.#callHook('afterCatalogCreated', args);
    return catalog;
  }

  #confinement(confCatalog: Config): Confinement | undefined {
    const { isTrusted, roots } = this.#project.paramRules;
    return isTrusted ? undefined : { entries: entriesOfRuntimeParams(confCatalog), roots };
  }

  async #runPipeline(runner: Runner, { pipeline, catalog }: PipelineArguments): Promise<RunResult> {
    return runner.run(pipeline, catalog, {
      ...this.#options,
      runId: this.#request.runId,
      hooks: this.#project.definition.settings?.hooks,
      isAsync: this.#request.isAsync,
      onlyMissingOutputs: this.#request.onlyMissingOutputs,
      outputs: this.#request.outputs,
      traceparent: this.#request.traceparent,
    });
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
