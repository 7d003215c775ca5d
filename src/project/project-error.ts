/** What Kedro calls each error; it is the `error.type` that its server answers with. */
const kedroTypes = {
  'pipeline-unknown': 'ValueError',
  'pipelines-invalid': 'TypeError',
  'runner-unknown': 'AttributeError',
  'runner-refused': 'ValueError',
  'runner-unsupported': 'NotImplementedError',
} as const;

/** Stable names of what can be wrong with a project, or with what is asked of it. */
export type ProjectFaultCode = keyof typeof kedroTypes;

/** A project that is set up wrongly, or asked for what it has not; `name` is Kedro's own type. */
export class ProjectFault extends Error {
  override readonly name: (typeof kedroTypes)[ProjectFaultCode];
  readonly code: ProjectFaultCode;

  constructor(code: ProjectFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = kedroTypes[code];
  }
}
