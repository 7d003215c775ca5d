import { fromPlanProblem } from '../contract/to-problem-item.ts';
import { KedroServerError, ProjectError, SnapshotError } from '../errors.ts';
import type { ProjectInfo } from '../executor/executor.ts';
import type { ProjectSnapshot } from '../executor/project-snapshot.ts';
import { planRun, type RunPlan } from '../run/plan-run.ts';
import type { RunSubmission } from '../run/run-record.ts';
import { ProblemError } from './problem-error.ts';
import type { ServerState } from './server-state.ts';
import { isExecutorClosed } from './to-error-response.ts';

type Project = Pick<ServerState, 'executor' | 'opening' | 'knownPipelines'>;

export interface CheckedProject {
  readonly info: ProjectInfo;
  readonly snapshot: ProjectSnapshot;
}

const retryAfterS = 5;

function brokenProject(error: unknown): unknown {
  if (isExecutorClosed(error) || !(error instanceof KedroServerError)) return error;
  if (error.code === 'store-unusable') return error;
  const type =
    error instanceof ProjectError || error instanceof SnapshotError ? error.type : error.name;
  const message = `The project cannot be used: ${type}: ${error.message}`;
  return new ProblemError('project-broken', message, { retryAfterS });
}

/**
 * Describes the project; null when its configuration needs parameters that only a run brings.
 * Throws `ProblemError` (`project-broken`) with what the project raised.
 */
export async function describeProject({
  executor,
  opening,
  knownPipelines,
}: Project): Promise<CheckedProject | null> {
  try {
    const info = opening.info ?? (await opening.open());
    const snapshot = await executor.snapshot({ params: null });
    for (const { name } of snapshot.pipelines) knownPipelines.add(name);
    return { info, snapshot };
  } catch (error) {
    if (error instanceof SnapshotError && /^(?:Unsupported)?Interpolation/u.test(error.type)) {
      return null;
    }
    throw brokenProject(error);
  }
}

/**
 * Checks what is to be run against the project. Throws `ProblemError`: `run-invalid` with all that it names
 * and that is not there, and `project-broken`. Null when the project can only be described with
 * parameters of a run: the run itself then tells.
 */
export async function checkOrder(
  project: Project,
  { order, inputNames }: Pick<RunSubmission, 'order' | 'inputNames'>,
): Promise<(CheckedProject & { readonly plan: RunPlan }) | null> {
  const described = await describeProject(project);
  if (described === null) return null;
  const { info, snapshot } = described;
  const plan = planRun(snapshot, info.runners, { ...order, inputNames });
  if (plan.problems.length === 0) return { ...described, plan };
  const errors = plan.problems.map(fromPlanProblem);
  throw new ProblemError(
    'run-invalid',
    errors
      .map(({ detail }) => detail)
      .slice(0, 3)
      .join(' '),
    {
      errors,
    },
  );
}
