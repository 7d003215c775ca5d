import { parsePythonJson } from '../contract/parse-python-json.ts';
import { planRetry, readProgress } from '../run/plan-retry.ts';
import type { RunRecord, RunSubmission } from '../run/run-record.ts';
import { checkOrder } from './check-order.ts';
import { ProblemError } from './problem-error.ts';
import type { ServerState } from './server-state.ts';

type Order = RunSubmission['order'];
type Asked = Pick<RunSubmission, 'order' | 'inputNames'>;

/**
 * What a run has not finished, to be run. Throws `ProblemError`: `nothing-to-retry`,
 * `run-invalid` when the project no longer has what the run names, and `project-broken`.
 */
export async function orderWhatIsLeft(state: ServerState, record: RunRecord): Promise<Asked> {
  const { id, submission } = record;
  const { order } = submission;
  const checked = await checkOrder(state, submission);
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
  const read = new Set(nodes.filter(({ name }) => names.has(name)).flatMap(({ inputs }) => inputs));
  const inputNames = submission.inputNames.filter((name) => read.has(name));
  const rest: Order = {
    ...order,
    ...dataFor(order, inputNames),
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
  return { order: rest, inputNames };
}

/** The data of these datasets, in the text that it was sent in. */
function dataFor(
  { inputsJson = null, inputKinds = null }: Order,
  names: readonly string[],
): Pick<Order, 'inputsJson' | 'inputKinds'> {
  if (inputsJson === null || names.length === 0) return { inputsJson: null, inputKinds: null };
  const { sourceOf } = parsePythonJson(inputsJson);
  const members = names.map((name) => `${JSON.stringify(name)}:${sourceOf(name)}`);
  const kinds = Object.entries(inputKinds ?? {}).filter(([name]) => names.includes(name));
  return {
    inputsJson: `{${members.join(',')}}`,
    inputKinds: kinds.length === 0 ? null : Object.fromEntries(kinds),
  };
}
