import { type PythonJson, writePythonJson } from './python-json.ts';

/** One thing that is wrong with a request, in pydantic's words. */
export interface RequestProblem {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** What was sent at that place. */
  readonly input: PythonJson;
  readonly ctx?: PythonJson | undefined;
}

/** A request that Kedro's server answers with 422. */
export class RequestInvalid extends Error {
  override readonly name = 'RequestInvalid';
  readonly problems: readonly RequestProblem[];

  constructor(problems: readonly RequestProblem[]) {
    super(`The request has ${problems.length} problem(s).`);
    this.problems = problems;
  }
}

/** Writes problems as an `HTTPValidationError`, in FastAPI's order of keys. */
export function writeProblems(problems: readonly RequestProblem[]): string {
  return `{"detail":[${problems.map(writeProblem).join(',')}]}`;
}

function writeProblem({ type, loc, msg, input, ctx }: RequestProblem): string {
  const head = `"type":"${type}","loc":[${loc.map(writeStep).join(',')}],"msg":${JSON.stringify(msg)}`;
  const tail = ctx === undefined ? '' : `,"ctx":${writePythonJson(ctx)}`;
  return `{${head},"input":${writePythonJson(input)}${tail}}`;
}

/** pydantic writes each byte of a lone surrogate in a place as a replacement character. */
function writeStep(step: string | number): string {
  return typeof step === 'number'
    ? String(step)
    : JSON.stringify(step.replaceAll(/\p{Surrogate}/gu, '\ufffd\ufffd\ufffd'));
}
