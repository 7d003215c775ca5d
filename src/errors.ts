/** Stable names of what can go wrong; they never change once released. */
export type ErrorCode =
  | 'settings-invalid'
  | 'python-not-found'
  | 'project-broken'
  | 'snapshot-failed'
  | 'executor-closed'
  | 'protocol-violation'
  | 'port-in-use'
  | 'store-unusable'
  | 'run-taken'
  | RemoteErrorCode
  | RunRefusalCode
  | PipelineErrorCode
  | RunnerErrorCode
  | ProjectFaultCode
  | ConfigErrorCode
  | CatalogErrorCode;

/** What can be wrong with another server that runs are given to. */
export type RemoteErrorCode = 'remote-unreachable' | 'remote-refused' | 'remote-unsupported';

/** What can be wrong with nodes and pipelines. */
export type PipelineErrorCode =
  | 'node-invalid'
  | 'node-inputs-mismatch'
  | 'node-outputs-mismatch'
  | 'nodes-invalid'
  | 'nodes-not-unique'
  | 'outputs-not-unique'
  | 'confirms-not-unique'
  | 'dependencies-circular'
  | 'transcoding-invalid'
  | 'mapping-invalid'
  | 'filter-unmatched'
  | 'grouping-unknown';

/** Why a submission of a run is not accepted. */
export type RunRefusalCode =
  | 'queue-full'
  | 'quota-full'
  | 'concurrency-conflict'
  | 'key-conflict'
  | 'key-pending';

/** What can be wrong with configuration. */
export type ConfigErrorCode =
  | 'config-missing'
  | 'config-kind-unknown'
  | 'config-setting-invalid'
  | 'config-keys-duplicate'
  | 'config-key-ambiguous'
  | 'config-key-not-text'
  | 'config-not-mapping'
  | 'config-merge-impossible'
  | 'config-value-unsupported'
  | 'config-too-deep'
  | 'yaml-syntax-invalid'
  | 'yaml-character-invalid'
  | 'yaml-document-invalid'
  | 'yaml-value-invalid'
  | 'interpolation-syntax-invalid'
  | 'interpolation-failed'
  | 'interpolation-key-missing'
  | 'interpolation-value-missing'
  | 'resolver-unknown'
  | 'path-outside'
  | 'params-invalid';

/** What can be wrong with datasets and the catalog of them. */
export type CatalogErrorCode =
  | 'dataset-invalid'
  | 'dataset-type-unknown'
  | 'dataset-not-found'
  | 'dataset-load-failed'
  | 'dataset-save-failed'
  | 'dataset-exists-failed'
  | 'dataset-release-failed'
  | 'dataset-confirm-failed'
  | 'dataset-empty'
  | 'patterns-invalid'
  | 'credentials-not-found'
  | 'version-invalid'
  | 'version-not-found'
  | 'version-exists'
  | 'file-system-unknown'
  | 'file-not-found'
  | 'file-exists'
  | 'file-failed'
  | 'path-refused';

/** What can go wrong with a run itself, as against its nodes and datasets. */
export type RunnerErrorCode =
  | 'inputs-unsatisfied'
  | 'generator-with-async'
  | 'concurrency-invalid'
  | 'hook-result-invalid'
  | 'thrown-value-invalid'
  | 'thread-ended'
  | 'node-not-shared'
  | 'output-too-large'
  | 'run-cancelled';

/** What can be wrong with a project, or with what is asked of it. */
export type ProjectFaultCode =
  | 'pipeline-unknown'
  | 'pipelines-invalid'
  | 'pipeline-missing'
  | 'module-missing'
  | 'module-broken'
  | 'export-missing'
  | 'export-invalid'
  | 'inputs-invalid'
  | 'runner-unknown'
  | 'runner-refused'
  | 'runner-unsupported';

/** The base of every error that kedro-server throws on purpose. */
export class KedroServerError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'KedroServerError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A setting is missing or wrong; named like the exception of Kedro's own server. */
export class ServerSettingsError extends KedroServerError {
  override readonly name = 'ServerSettingsError';

  constructor(message: string, options?: ErrorOptions) {
    super('settings-invalid', message, options);
  }
}

/**
 * The project could not be described. `type` is the qualified name of the exception that the
 * project's own language raised, `message` its text with credentials removed.
 */
export class SnapshotError extends KedroServerError {
  override readonly name = 'SnapshotError';
  readonly type: string;

  constructor(type: string, message: string, options?: ErrorOptions) {
    super('snapshot-failed', message, options);
    this.type = type;
  }
}

/**
 * The project cannot be used. `type` is the qualified name of the exception that the project's own
 * language raised, `traceback` where it did, with credentials removed.
 */
export class ProjectError extends KedroServerError {
  override readonly name = 'ProjectError';
  readonly type: string;
  readonly traceback: string;

  constructor(type: string, message: string, traceback: string, options?: ErrorOptions) {
    super('project-broken', message, options);
    this.type = type;
    this.traceback = traceback;
  }
}

/**
 * Another server, which runs are given to, cannot be used: no answer comes, it refuses what it is
 * asked, or it is of a kind that cannot do it.
 */
export class RemoteError extends KedroServerError<RemoteErrorCode> {
  override readonly name = 'RemoteError';
}
