import { KedroServerError, type PipelineErrorCode } from '../errors.ts';

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
} as const satisfies Record<PipelineErrorCode, string>;

/** A node or a pipeline is defined, filtered or called wrongly; `name` is Kedro's own type. */
export class PipelineError extends KedroServerError<PipelineErrorCode> {
  override readonly name: string;

  constructor(code: PipelineErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = kedroTypes[code];
  }
}
