import { KedroServerError, type ProjectFaultCode } from '../errors.ts';

/** What Kedro calls each error; it is the `error.type` that its server answers with. */
const kedroTypes = {
  'pipeline-unknown': 'ValueError',
  'pipelines-invalid': 'TypeError',
  'pipeline-missing': 'KeyError',
  'module-missing': 'ModuleNotFoundError',
  'module-broken': 'ImportError',
  'export-missing': 'AttributeError',
  'export-invalid': 'TypeError',
  'inputs-invalid': 'ValueError',
  'runner-unknown': 'AttributeError',
  'runner-refused': 'ValueError',
  'runner-unsupported': 'NotImplementedError',
} as const satisfies Record<ProjectFaultCode, string>;

/** A project that is set up wrongly, or asked for what it has not; `name` is Kedro's own type. */
export class ProjectFault extends KedroServerError<ProjectFaultCode> {
  override readonly name: string;

  constructor(code: ProjectFaultCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = kedroTypes[code];
  }
}
