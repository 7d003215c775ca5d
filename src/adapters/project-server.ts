import type { Executor } from '../executor/executor.ts';
import {
  createHttpServer as createPortableServer,
  type HttpServerOptions,
  type HttpServer,
} from '../http/create-http-server.ts';
import {
  createNativeExecutor,
  createRemoteExecutor as createPortableRemote,
  type NativeExecutorOptions,
  type RemoteExecutorOptions,
} from '../index.ts';
import { createKedroExecutor, type KedroExecutorOptions } from '../kedro/kedro-executor.ts';
import { environmentSecrets } from '../nodejs/environment-secrets.ts';
import { patientFetch } from '../nodejs/patient-fetch.ts';
import { createPostCallback } from '../nodejs/post-callback.ts';
import { createProjectLoader } from '../nodejs/project-loader.ts';
import { requireProject } from '../nodejs/served-project.ts';
import { resolveServerSettings, type ServerSettingsInput } from '../nodejs/server-settings.ts';
import { createSwaggerAssets } from '../nodejs/swagger-assets.ts';

export * from '../index.ts';
export {
  createKedroExecutor,
  type KedroExecutor,
  type KedroExecutorOptions,
  type KedroNotice,
} from '../kedro/kedro-executor.ts';
export { column, query, sql, type Sql, type SqlPart } from '../nodejs/duckdb-query.ts';
export { DuckdbRelation } from '../nodejs/duckdb-relation.ts';
export { findPipelines, type FindPipelinesOptions } from '../nodejs/find-pipelines.ts';
export { loadProject, type LoadProjectOptions } from '../nodejs/load-project.ts';
export { openRunDatasetTypes, type RunDatasetTypesOptions } from '../nodejs/run-dataset-types.ts';
export { createProcessExecutor, type ProcessExecutorOptions } from '../nodejs/process-executor.ts';
export { createSqliteRunStore, type SqliteRunStoreOptions } from '../nodejs/sqlite-run-store.ts';
export type { DuckdbOptions } from '../nodejs/duckdb-database.ts';
export type { RunningServer, ServableApp, ServeOptions, TlsOptions } from '../nodejs/serve-app.ts';

export interface ProjectServerOptions
  extends
    Partial<HttpServerOptions>,
    ServerSettingsInput,
    Omit<KedroExecutorOptions, keyof ServerSettingsInput>,
    Omit<NativeExecutorOptions, 'project'> {}

/**
 * Creates the HTTP server of a project, which is found from `projectPath` or the variable
 * `KEDRO_PROJECT_PATH`: a Kedro project (`pyproject.toml` with `[tool.kedro]`) runs in Python
 * workers, one in TypeScript (`package.json` with `kedro`) in this process. With an `executor`
 * given, that one is served. Throws `ServerSettingsError` when there is no such project.
 */
export function createHttpServer(given: ProjectServerOptions = {}): HttpServer {
  const options = { ...given, secrets: [...environmentSecrets(), ...(given.secrets ?? [])] };
  const { executor = createProjectExecutor(options), docsAssets = createSwaggerAssets() } = options;
  const callbacks = { post: createPostCallback(options.callbacks), ...options.callbacks };
  return createPortableServer({ ...options, executor, docsAssets, callbacks });
}

function createProjectExecutor(options: ProjectServerOptions): Executor {
  const settings = resolveServerSettings(options);
  const project = requireProject(settings.projectPath);
  if (project.kind === 'kedro') return createKedroExecutor({ ...options, ...settings });
  return createNativeExecutor({ ...options, project: createProjectLoader(project, settings) });
}

/** As `createRemoteExecutor` everywhere, with a `fetchRun` that waits for runs of any length. */
export function createRemoteExecutor(options: RemoteExecutorOptions): Executor {
  const { fetch, fetchRun = fetch ?? patientFetch } = options;
  return createPortableRemote({ ...options, fetchRun });
}
