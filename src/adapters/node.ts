import type { Executor } from '../executor/executor.ts';
import {
  createHttpServer as createPortableServer,
  type HttpServerOptions,
  type HttpServer,
} from '../http/create-http-server.ts';
import { createKedroExecutor, type KedroExecutorOptions } from '../kedro/kedro-executor.ts';
import { requireKedroProject } from '../nodejs/kedro-project.ts';
import { resolveServerSettings, type ServerSettingsInput } from '../nodejs/server-settings.ts';
import { createSwaggerAssets } from '../nodejs/swagger-assets.ts';

export * from '../index.ts';
export {
  createKedroExecutor,
  type KedroExecutor,
  type KedroExecutorOptions,
  type KedroNotice,
} from '../kedro/kedro-executor.ts';
export { serve, type RunningServer, type ServableApp, type ServeOptions } from '../nodejs/serve.ts';

export interface NodeHttpServerOptions
  extends
    Partial<HttpServerOptions>,
    ServerSettingsInput,
    Omit<KedroExecutorOptions, keyof ServerSettingsInput> {}

/**
 * Creates the HTTP server of a Kedro project, which is found from `projectPath` or the variable
 * `KEDRO_PROJECT_PATH` and runs in Python workers; with an `executor` given, that one is served.
 * Throws `ServerSettingsError` when there is no such project.
 */
export function createHttpServer(options: NodeHttpServerOptions = {}): HttpServer {
  const { executor = createProjectExecutor(options), docsAssets = createSwaggerAssets() } = options;
  return createPortableServer({ ...options, executor, docsAssets });
}

function createProjectExecutor(options: NodeHttpServerOptions): Executor {
  const settings = resolveServerSettings(options);
  requireKedroProject(settings.projectPath);
  return createKedroExecutor({ ...options, ...settings });
}
