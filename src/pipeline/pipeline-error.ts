/** What Kedro calls each error; it is the `error.type` that its server answers with. */
const kedroTypes = {
  'node-invalid': 'ValueError',
  'node-inputs-mismatch': 'ValueError',
  'node-outputs-mismatch': 'ValueError',
  'nodes-invalid': 'ValueError',
  'nodes-not-unique': 'ValueError',
  'outputs-not-unique': 'OutputNotUniqueError',
  'confirms-not-unique': 'ConfirmNotUniqueError',
  'dependencies-circular': 'CircularDependencyError',
  'transcoding-invalid': 'ValueError',
  'mapping-invalid': 'PipelineError',
  'filter-unmatched': 'ValueError',
  'grouping-unknown': 'ValueError',
} as const;

/** Stable names of what can go wrong with nodes and pipelines. */
export type PipelineErrorCode = keyof typeof kedroTypes;

/** A node or a pipeline is defined, filtered or called wrongly; `name` is Kedro's own type. */
export class PipelineError extends Error {
  override readonly name: (typeof kedroTypes)[PipelineErrorCode];
  readonly code: PipelineErrorCode;

  constructor(code: PipelineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = kedroTypes[code];
  }
}
