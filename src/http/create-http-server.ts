import type { Executor, ProjectInfo } from '../executor/executor.ts';
import { writeRun } from '../contract/to-run.ts';
import type { CallbacksOptions } from '../run/callbacks.ts';
import type { RunRecord } from '../run/run-record.ts';
import { createReading } from '../run/metric-family.ts';
import { createRunMetrics } from '../run/run-metrics.ts';
import { createRuns, type RunObserver, type Runs, type RunsOptions } from '../run/runs.ts';
import type { AuthOptions } from '../door/authenticator.ts';
import { createValueHiding } from '../redact/hide-values.ts';
import { type Authorize, createRunAuthorization } from './authorize-run.ts';
import { createCallers } from './callers.ts';
import { type GuardOptions, guardRoutes } from './guard-routes.ts';
import { knownPaths } from './known-paths.ts';
import { answerUnmatched } from './middleware/answer-unmatched.ts';
import { createProjectOpening } from './project-opening.ts';
import { createDocsRoutes, type DocsAssets } from './routes/docs-routes.ts';
import { createHealthRoutes } from './routes/health-routes.ts';
import { createPipelinesRoutes } from './routes/pipelines-routes.ts';
import { createProbeRoutes } from './routes/probe-routes.ts';
import { createRunLogRoutes } from './routes/run-log-routes.ts';
import { createRunOutputRoutes } from './routes/run-output-routes.ts';
import { createRunRoutes } from './routes/run-routes.ts';
import { createRunStateRoutes } from './routes/run-state-routes.ts';
import { createRunTokenRoutes } from './routes/run-token-routes.ts';
import { createRunsRoutes } from './routes/runs-routes.ts';
import { joinRoutes } from './routes/join-routes.ts';
import { createSnapshotRoutes } from './routes/snapshot-routes.ts';
import type { ServerState } from './server-state.ts';
import { toErrorResponse, unexpectedResponse } from './to-error-response.ts';
import { writeOpenApi } from './write-openapi.ts';

export interface HttpServerOptions
  extends
    Omit<RunsOptions, 'executor' | 'openProject' | 'onEvent' | 'callbacks' | 'hide'>,
    GuardOptions {
  /** Runs the pipelines. The server opens it, and closes it with itself. */
  readonly executor: Executor;
  /**
   * Creates the owner of the runs; default: one in this process. That of `kedro-server/queue` shares
   * runs with other servers and with workers.
   */
  readonly createRuns?: ((options: RunsOptions) => Runs) | undefined;
  /** The largest request body that is read, in bytes; 1 MiB unless given. */
  readonly maxBodyBytes?: number | undefined;
  /** How long a request's body may take to come, in milliseconds; 60,000 unless given. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Sees every entry of every run's log; it is not waited for and must not throw. */
  readonly onRunEvent?: RunObserver | undefined;
  /** How the ends of runs are told to the URLs that their submissions name. */
  readonly callbacks?: Omit<CallbacksOptions, 'store' | 'toData' | 'onStoreError'> | undefined;
  /** By what callers are known; without it nobody is asked, and everybody may do everything. */
  readonly auth?: AuthOptions | undefined;
  /** Says who may do what with which run, beside what `auth` says. */
  readonly authorize?: Authorize | undefined;
  /**
   * Texts that no answer, event or log of a run shows, besides the values of the project's
   * credentials. Data that was asked for is not changed.
   */
  readonly secrets?: Iterable<string> | undefined;
  /** Silence in milliseconds after which a stream of events says that it is still there; 15,000. */
  readonly heartbeatMs?: number | undefined;
  /** Sees what ends as a 500: an error that nothing here throws on purpose. */
  readonly onUnexpectedError?: ((error: Error) => void) | undefined;
  /** The files of Swagger UI for `/docs`; without them its page takes them from jsDelivr. */
  readonly docsAssets?: DocsAssets | undefined;
}

export interface HttpServerLife extends AsyncDisposable {
  /** The runs of this server: what the routes do, for code in the same process. */
  readonly runs: Runs;
  /**
   * Opens the store of runs and the project. The first request does it otherwise. Throws what
   * `RunStore.open` and `Executor.open` throw.
   */
  ready(): Promise<ProjectInfo>;
  /** Refuses new runs, lets the running ones end, and closes the executor. */
  close(): Promise<void>;
}

export type HttpServer = ReturnType<typeof createHttpServer>;

/**
 * Creates the HTTP server of one project: a Hono app with the routes of Kedro's own server and those
 * on runs as resources, for any runtime that serves a fetch handler. It mounts into other Hono apps by
 * `route('/prefix', app)` or `mount('/prefix', app.fetch)`.
 */
export function createHttpServer(options: HttpServerOptions) {
  const { executor, heartbeatMs = 15_000, docsAssets } = options;
  const { maxBodyBytes = 2 ** 20, bodyTimeoutMs = 60_000 } = options;
  const { onRunEvent, onUnexpectedError } = options;
  const opening = createProjectOpening(executor);
  const hide = createValueHiding(options.secrets ?? []) ?? undefined;
  const knownPipelines = new Set<string>();
  const runs = (options.createRuns ?? createRuns)({
    ...options,
    hide,
    openProject: () => opening.open(),
    onEvent: (id, order, event) => {
      // That its nodes are known shows that the project has the pipeline.
      if (event.type === 'run.planned') {
        for (const name of order.pipelineNames ?? []) knownPipelines.add(name);
      }
      metrics.observe(id, order, event);
      onRunEvent?.(id, order, event);
    },
    callbacks: { ...options.callbacks, toData: toCallbackData },
  });
  const metrics = createRunMetrics({ runs, isKnownPipeline: (name) => knownPipelines.has(name) });
  for (const { name, help, type, read } of executor.figures ?? []) {
    metrics.add(createReading({ name: `kedro_server_${name}`, help }, type, read));
  }
  const callers = options.auth === undefined ? null : createCallers(options.auth);
  let closed: Promise<void> | null = null;
  const state: ServerState = {
    executor,
    opening,
    hide,
    runs,
    metrics,
    knownPipelines,
    authorization: createRunAuthorization(options.authorize, callers),
    callers,
    allowsPrivateCallbacks: options.callbacks?.allowPrivate ?? false,
    bodyLimits: { maxBodyBytes, bodyTimeoutMs },
    heartbeatMs,
    onUnexpectedError,
    isClosing: () => closed !== null,
  };

  const routes = joinRoutes(
    createHealthRoutes(state),
    createSnapshotRoutes(state),
    createRunRoutes(state),
    createRunsRoutes(state),
    createRunStateRoutes(state),
    createRunLogRoutes(state),
    createRunOutputRoutes(state),
    createRunTokenRoutes(state),
    createPipelinesRoutes(state),
    createProbeRoutes(state),
  );

  let document: string | null = null;
  async function writeDocument(): Promise<string> {
    if (document !== null) return document;
    const info = await opening.open().catch(() => null);
    const text = await writeOpenApi(routes, info?.kedroVersion ?? 'unknown', callers !== null);
    if (info !== null) document = text;
    return text;
  }

  routes.route('/', createDocsRoutes({ docsAssets, writeDocument, metrics }));
  answerUnmatched(routes, knownPaths, metrics);
  const answerError = (error: Error): Response => {
    const response = toErrorResponse(error);
    if (response === null) onUnexpectedError?.(error);
    return response ?? unexpectedResponse();
  };
  routes.onError(answerError);
  const app = guardRoutes(routes, options, callers, metrics.countRoute('refused'));
  app.onError(answerError);

  const life: HttpServerLife = {
    runs,
    ready: async () => {
      await runs.open();
      return opening.open();
    },
    close: () => {
      closed ??= runs.close();
      return closed;
    },
    [Symbol.asyncDispose]: () => life.close(),
  };
  return Object.assign(app, life);
}

/** A run as `GET /runs/{id}` shows it: without secrets, and without its outputs' data. */
function toCallbackData(record: RunRecord): unknown {
  return JSON.parse(writeRun(record, { runsPath: '/runs', place: null }));
}
