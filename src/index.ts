export { createHttpServer } from './http/create-http-server.ts';
export type { HttpServer, HttpServerLife, HttpServerOptions } from './http/create-http-server.ts';
export type { Authorize, RunAccess, RunAction } from './http/authorize-run.ts';
export type { AuthOptions, Authenticate } from './door/authenticator.ts';
export type { IssuerOptions } from './door/issued-tokens.ts';
export type { Principal, PrincipalLimits, Scope } from './door/principal.ts';
export { createKey, parseKeys } from './door/stored-key.ts';
export type { KeyRequest, StoredKey } from './door/stored-key.ts';
export type { GuardOptions } from './http/guard-routes.ts';
export { loopbackHosts } from './door/host-check.ts';
export type { DocsAssets } from './http/routes/docs-routes.ts';

export {
  KedroServerError,
  ProjectError,
  RemoteError,
  ServerSettingsError,
  SnapshotError,
} from './errors.ts';
export type {
  CatalogErrorCode,
  ConfigErrorCode,
  ErrorCode,
  PipelineErrorCode,
  ProjectFaultCode,
  RemoteErrorCode,
  RunnerErrorCode,
} from './errors.ts';

export { createConfigLoader } from './config/config-loader.ts';
export { createMemoryConfigSource } from './config/memory-config-source.ts';
export { parseParams } from './config/parse-params.ts';
export { parseParamsJson } from './config/parse-params-json.ts';
export type { ConfigSource } from './config/config-source.ts';

export type {
  ExecuteOptions,
  Executor,
  ExecutorFigure,
  ProjectInfo,
  SnapshotOptions,
} from './executor/executor.ts';
export type {
  DatasetSnapshot,
  NodeSnapshot,
  NodeSource,
  PipelineSnapshot,
  ProjectMetadata,
  ProjectSnapshot,
} from './executor/project-snapshot.ts';
export type {
  DatasetLoaded,
  DatasetSaved,
  LogLevel,
  NodeFailed,
  NodeFinished,
  NodeStarted,
  OutputFailed,
  OutputKind,
  OutputReady,
  RunEnded,
  RunEndStatus,
  RunError,
  RunEvent,
  RunLog,
  RunPlanned,
  RunStarted,
} from './executor/run-event.ts';
export { node } from './pipeline/node.ts';
export { pipeline } from './pipeline/pipeline.ts';
export { createMemoryFileSystem } from './catalog/memory-file-system.ts';
export type { Dataset, DatasetContext, DatasetOptions } from './catalog/dataset.ts';
export type { FileSystem } from './catalog/file-system.ts';
export { createNativeExecutor } from './executor/native-executor.ts';
export type { NativeExecutorOptions } from './executor/native-executor.ts';
export { createRemoteExecutor } from './executor/remote-executor.ts';
export type { RemoteExecutorOptions } from './executor/remote-executor.ts';
export type { NodeContext } from './pipeline/node-function.ts';
export { defineProject } from './project/define-project.ts';
export type { ProjectDefinition, ProjectSettings } from './project/define-project.ts';
export type { Hooks } from './runner/hooks.ts';
export { logOf } from './runner/run-logger.ts';
export type { InputKind, RunOrder } from './executor/run-order.ts';
export type { QueuePlace } from './run/admission.ts';
export type { FollowOptions } from './run/follow-run.ts';
export { createMemoryRunStore } from './run/memory-run-store.ts';
export type {
  OutputStored,
  RunCancelling,
  RunFinished,
  RunLogEntry,
  RunLogEvent,
  RunQueued,
} from './run/run-log-entry.ts';
export type {
  Callback,
  ConcurrencyLimit,
  FinalStatus,
  OutputInfo,
  RunErrorAtNode,
  RunRecord,
  RunStatus,
  RunSubmission,
} from './run/run-record.ts';
export { RunRefused } from './run/run-refused.ts';
export type {
  IdempotencyKey,
  KeyOwner,
  Retention,
  RunBatch,
  RunQuery,
  RunStore,
  StoredOutput,
} from './run/run-store.ts';
export type {
  CancelOutcome,
  IdempotencyToken,
  RunObserver,
  Runs,
  SubmitOptions,
  Submitted,
} from './run/runs.ts';
export type { RunTrace, RunTracer } from './run/run-trace.ts';

export type { ErrorDetail } from './contract/error-detail.ts';
export type { HealthResponse } from './contract/health-response.ts';
export type { PipelineDetail, PipelineList } from './contract/pipeline-resource.ts';
export type { Readiness } from './contract/probe-response.ts';
export type { Problem, ProblemItem } from './contract/problem.ts';
export type { RunEventList } from './contract/run-event-resource.ts';
export type { RunRequest } from './contract/run-request.ts';
export type { Run, RunList } from './contract/run-resource.ts';
export type { RunToken } from './contract/run-token-resource.ts';
export type { RetryRequest, RunSubmissionRequest } from './contract/run-submission-request.ts';
export type { RunFailure, RunResponse, RunSuccess } from './contract/run-response.ts';
export type {
  SnapshotFailure,
  SnapshotResponse,
  SnapshotSuccess,
} from './contract/snapshot-response.ts';
export type { ErrorMessage } from './contract/error-message.ts';
export type { HTTPValidationError, ValidationError } from './contract/validation-error.ts';
