import { parseParams } from '../config/parse-params.ts';
import type { RunResult } from '../runner/runner.ts';
import { buildSnapshot, type Snapshot } from './build-snapshot.ts';
import type { ProjectDefinition } from './define-project.ts';
import { type Config, keepConfigs, type ParamRules } from './kept-config.ts';
import { registerPipelines } from './registered-pipelines.ts';
import { runnerNames } from './find-runner.ts';
import type { RunRequest } from './run-request.ts';
import { findUsedDatasets, type UsedDatasets } from './used-datasets.ts';
import { runSession, type SessionOptions } from './run-session.ts';

export type { RunnerEvent as SessionEvent } from '../runner/runner-event.ts';

const defaultKedroVersion = '1.7.0';
const maxSnapshots = 64;
const nothing: Config = Object.freeze({});

interface KeptSnapshot {
  readonly catalog: Config;
  readonly parameters: Config;
  readonly snapshot: Snapshot;
}

/** A project whose pipelines are known. */
export interface Project {
  readonly projectName: string;
  readonly packageName: string;
  readonly kedroVersion: string;
  /** Runners that a run may name. */
  readonly runners: readonly string[];
  /**
   * Describes the project; `params` is text as `kedro run --params` takes it. The same object is
   * returned while nothing has changed. Throws `ConfigError` and `DatasetError`.
   */
  snapshot(params: string | null): Promise<Snapshot>;
  /** What must not be shown; empty where there is none. Throws `ConfigError`. */
  credentials(): Promise<Config>;
  /** What a request uses outside of its own memory; throws what keeps it from being run. */
  usedDatasets(request: Omit<RunRequest, 'runId'>): Promise<UsedDatasets>;
  /** The one name of a file of this machine, whatever the way that leads to it. */
  locate(path: string): string;
  /**
   * Runs a request in a session of its own; throws what `runSession` throws. What belongs to the
   * run, as relations of its database do, can be read until it has ended, by hooks.
   */
  run(request: RunRequest, options?: SessionOptions): Promise<RunResult>;
}

/** Asks the project for its pipelines, once. Throws `ProjectFault`, and what the project throws. */
export async function openProject(
  definition: ProjectDefinition,
  { isTrusted, roots }: ParamRules = { isTrusted: false, roots: [] },
): Promise<Project> {
  const { projectName, packageName, kedroVersion = defaultKedroVersion } = definition;
  const pipelines = await registerPipelines(definition.pipelines);
  // An absolute path to the project's own files leads nowhere else.
  const own = definition.location === undefined ? [] : [definition.location.projectPath];
  const configs = keepConfigs(definition, { isTrusted, roots: [...own, ...roots] });
  const session = {
    definition,
    kedroVersion,
    pipelines,
    config: configs.runs,
    paramRules: { isTrusted, roots },
    warnings: new WeakMap(),
  };
  const snapshots = new Map<string, KeptSnapshot>();

  return {
    projectName,
    packageName,
    kedroVersion,
    runners: runnerNames(definition),
    snapshot: async (params) => {
      const text = params ?? '';
      const current = configs.snapshot.read(
        text === '' ? null : { text: `params ${text}`, values: parseParams(text) },
      );
      const catalog = (await current.find('catalog')) ?? nothing;
      const parameters = (await current.find('parameters')) ?? nothing;
      const kept = snapshots.get(text);
      if (kept?.catalog === catalog && kept.parameters === parameters) return kept.snapshot;
      const built = buildSnapshot(definition, kedroVersion, pipelines, catalog, parameters);
      const isSame = JSON.stringify(kept?.snapshot) === JSON.stringify(built);
      const snapshot = kept !== undefined && isSame ? kept.snapshot : built;
      snapshots.delete(text);
      snapshots.set(text, { catalog, parameters, snapshot });
      const [oldest] = snapshots.keys();
      if (snapshots.size > maxSnapshots && oldest !== undefined) snapshots.delete(oldest);
      return snapshot;
    },
    credentials: async () => (await configs.runs.read(null).find('credentials')) ?? nothing,
    usedDatasets: async (request) => findUsedDatasets(session, request),
    locate: (path) => definition.settings?.fileSystems?.['']?.local?.realPathOf?.(path) ?? path,
    run: async (request, options) => runSession(session, request, options),
  };
}
