import { isObject } from '../contract/python-json.ts';
import { parsePythonJson } from '../contract/parse-python-json.ts';
import { inputNamesOf } from '../contract/to-run.ts';
import type { NodeSnapshot } from '../executor/project-snapshot.ts';
import { planRetry, readProgress } from '../run/plan-retry.ts';
import type { RunRecord, RunSubmission } from '../run/run-record.ts';
import { checkOrder } from './check-order.ts';
import { ProblemError } from './problem-error.ts';
import type { ServerState } from './server-state.ts';

type Order = RunSubmission['order'];

/**
 * The order of what a run has not finished. Throws `ProblemError`: `nothing-to-retry`,
 * `run-invalid` when the project no longer has what the run names, and `project-broken`.
 */
export async function orderWhatIsLeft(state: ServerState, record: RunRecord): Promise<Order> {
  const { id, submission } = record;
  const { order } = submission;
  const checked = await checkOrder(state, order, inputNamesOf(order));
  if (checked === null) {
    const message = `The project cannot be described without the parameters of run ${id}: what is left of it is not known. Retry it from its start.`;
    throw new ProblemError('project-broken', message, { runId: id });
  }
  const { nodes } = checked.plan;
  const progress = await readProgress(state.runs.read(id, { afterId: 0 }));
  const left = planRetry(checked.snapshot, record, nodes, progress);
  if (left === null) {
    const message = `Run ${id} has finished all of its nodes: nothing is left. Retry it from its start.`;
    throw new ProblemError('nothing-to-retry', message, { runId: id });
  }
  const names = new Set(left.nodeNames);
  const data = dataFor(
    order,
    nodes.filter(({ name }) => names.has(name)),
  );
  return {
    ...order,
    ...data,
    fromInputs: null,
    toOutputs: null,
    fromNodes: null,
    toNodes: null,
    tags: null,
    namespaces: null,
    nodeNames: left.nodeNames,
    loadVersions: Object.keys(left.loadVersions).length === 0 ? null : left.loadVersions,
    onlyMissingOutputs: false,
  };
}

/** The data that these nodes read, in the text that it was sent in. */
function dataFor(
  { inputsJson = null, inputKinds = null }: Order,
  nodes: readonly NodeSnapshot[],
): Pick<Order, 'inputsJson' | 'inputKinds'> {
  if (inputsJson === null) return { inputsJson, inputKinds };
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const { value, sourceOf } = parsePythonJson(inputsJson);
  const kept = isObject(value) ? [...value.keys()].filter((name) => read.has(name)) : [];
  const members = kept.map((name) => `${JSON.stringify(name)}:${sourceOf(name)}`);
  const kinds = Object.entries(inputKinds ?? {}).filter(([name]) => kept.includes(name));
  return {
    inputsJson: kept.length === 0 ? null : `{${members.join(',')}}`,
    inputKinds: kinds.length === 0 ? null : Object.fromEntries(kinds),
  };
}
