import { partsOfSelection } from '../executor/node-selection.ts';
import type { NodeSnapshot, ProjectSnapshot } from '../executor/project-snapshot.ts';
import { Planner, type PlannedOrder, type PlanProblem } from './planner.ts';
import { SnapshotPipelines } from './snapshot-pipelines.ts';

export interface RunPlan {
  /** The nodes that the order selects; those that need nothing to be done may yet be left out. */
  readonly nodes: readonly NodeSnapshot[];
  readonly problems: readonly PlanProblem[];
}

const keptPlans = 256;
const longestKeptKey = 4096;

interface ProjectPlans {
  readonly pipelines: SnapshotPipelines;
  readonly kept: Map<string, RunPlan>;
}

const plansOf = new WeakMap<ProjectSnapshot, ProjectPlans>();

function projectPlans(snapshot: ProjectSnapshot): ProjectPlans {
  const known = plansOf.get(snapshot);
  if (known !== undefined) return known;
  const made = { pipelines: new SnapshotPipelines(snapshot), kept: new Map<string, RunPlan>() };
  plansOf.set(snapshot, made);
  return made;
}

/**
 * Finds out what an order selects in a project, and all that it names and that is not there.
 * `runners` are those that may be named without dots; null when they are not known. Plans are
 * kept with the snapshot: the same order again costs microseconds.
 */
export function planRun(
  snapshot: ProjectSnapshot,
  runners: readonly string[] | null,
  order: PlannedOrder,
): RunPlan {
  const { pipelines, kept } = projectPlans(snapshot);
  const key = keyOf(order, runners);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const planner = new Planner(snapshot, pipelines, order);
  const selection = planner.plan(runners);
  const nodes = selection === null ? [] : pipelines.nodesOf(selection);
  const plan = { nodes, problems: planner.problems };
  if (key.length <= longestKeptKey) {
    if (kept.size >= keptPlans) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, plan);
  }
  return plan;
}

function keyOf(order: PlannedOrder, runners: readonly string[] | null): string {
  return JSON.stringify([
    ...partsOfSelection(order),
    order.loadVersions,
    order.runner,
    order.inputKinds,
    order.outputs,
    order.onlyMissingOutputs,
    order.inputNames,
    runners,
  ]);
}
