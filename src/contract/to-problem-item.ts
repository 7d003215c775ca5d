import type { PlannedOrder, PlanProblem } from '../run/planner.ts';
import type { ProblemItem } from './problem.ts';
import { isObject } from './python-json.ts';
import type { RequestProblem } from './request-invalid.ts';
import type { RunSubmissionRequest } from './run-submission-request.ts';

const fieldNames: Readonly<Record<keyof PlannedOrder, keyof RunSubmissionRequest>> = {
  pipelineNames: 'pipeline_names',
  fromInputs: 'from_inputs',
  toOutputs: 'to_outputs',
  fromNodes: 'from_nodes',
  toNodes: 'to_nodes',
  nodeNames: 'node_names',
  tags: 'tags',
  namespaces: 'namespaces',
  loadVersions: 'load_versions',
  runner: 'runner',
  inputKinds: 'input_kinds',
  outputs: 'outputs',
  onlyMissingOutputs: 'only_missing_outputs',
  inputNames: 'inputs',
};

/** Says where in a body something is that the project does not have. */
export function fromPlanProblem({ field, at, detail, closeNames }: PlanProblem): ProblemItem {
  const place = [...(field === null ? [] : [fieldNames[field]]), ...(at === null ? [] : [at])];
  return {
    detail,
    pointer: toPointer(place),
    ...(closeNames.length > 0 && { close_names: [...closeNames] }),
  };
}

/** Says where in a body something is that is not as it should be. */
export function fromRequestProblem({ type, loc, msg, ctx }: RequestProblem): ProblemItem {
  if (type !== 'json_invalid') return { detail: msg, pointer: toPointer(loc.slice(1)) };
  const reason = ctx !== undefined && isObject(ctx) ? ctx.get('error') : undefined;
  const at = loc.at(-1) ?? 0;
  const why = typeof reason === 'string' ? `: ${reason}` : '';
  return { detail: `The body is no JSON${why} (character ${at})`, pointer: '' };
}

/** A JSON pointer, RFC 6901. */
function toPointer(place: readonly (string | number)[]): string {
  return place
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
