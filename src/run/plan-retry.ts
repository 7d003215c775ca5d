import type { NodeSnapshot, ProjectSnapshot } from '../executor/project-snapshot.ts';
import type { RunLogEntry } from './run-log-entry.ts';
import type { RunRecord } from './run-record.ts';

/** How far a run came, as its log tells. */
export interface RunProgress {
  /** Nodes that it was to execute; null when it did not come so far. */
  readonly planned: readonly string[] | null;
  readonly finished: ReadonlySet<string>;
  /** Datasets that it saved. */
  readonly saved: ReadonlySet<string>;
}

/** What a retry changes in the order that it repeats. */
export interface RetryPlan {
  /** In the order of the selection. */
  readonly nodeNames: readonly string[];
  readonly loadVersions: Readonly<Record<string, string>>;
}

const memoryTypes: ReadonlySet<string> = new Set(['MemoryDataset', 'SharedMemoryDataset']);

/** Reads a run's log to its end. */
export async function readProgress(
  batches: AsyncIterable<readonly RunLogEntry[]>,
): Promise<RunProgress> {
  let planned: readonly string[] | null = null;
  const finished = new Set<string>();
  const saved = new Set<string>();
  for await (const batch of batches) {
    for (const { event } of batch) {
      if (event.type === 'run.planned') planned = event.nodes;
      else if (event.type === 'node.finished') finished.add(event.node);
      else if (event.type === 'dataset.saved') saved.add(event.dataset);
    }
  }
  return { planned, finished, saved };
}

/**
 * What is left to do of a run: the nodes that it has not finished, and those before them whose data
 * was in memory only and is gone with it. What finished nodes have saved is read in the version
 * that this run has saved. `selected` are the nodes of its order; null when nothing is left.
 */
export function planRetry(
  snapshot: ProjectSnapshot,
  { saveVersion, submission }: RunRecord,
  selected: readonly NodeSnapshot[],
  { planned, finished, saved }: RunProgress,
): RetryPlan | null {
  const wanted = new Set(planned ?? selected.map(({ name }) => name));
  const left = new Set(selected.filter(({ name }) => wanted.has(name) && !finished.has(name)));
  if (left.size === 0) return null;

  const producers = new Map<string, NodeSnapshot>();
  for (const node of selected) {
    for (const output of node.outputs) producers.set(nameOf(output), node);
  }
  const isKept = (dataset: string): boolean => isPersistent(snapshot, dataset);
  const runAgain = (dataset: string): void => {
    const producer = producers.get(nameOf(dataset));
    if (producer !== undefined) left.add(producer);
  };
  for (const output of submission.order.outputs ?? []) {
    if (!touches(left, output)) runAgain(output);
  }
  // The set grows while it is gone through: what is added needs data too.
  for (const { inputs } of left) {
    for (const input of inputs) {
      if (!isKept(input)) runAgain(input);
    }
  }

  const loadVersions = { ...submission.order.loadVersions };
  const savedNames = new Set(Array.from(saved, nameOf));
  for (const { inputs } of left) {
    for (const input of inputs) {
      const producer = producers.get(nameOf(input));
      const isRead = producer !== undefined && !left.has(producer) && isKept(input);
      if (isRead && savedNames.has(nameOf(input))) loadVersions[input] = saveVersion;
    }
  }
  const nodeNames = selected.filter((node) => left.has(node)).map(({ name }) => name);
  return { nodeNames, loadVersions };
}

function touches(nodes: Iterable<NodeSnapshot>, dataset: string): boolean {
  return [...nodes].some(
    ({ inputs, outputs }) => inputs.includes(dataset) || outputs.includes(dataset),
  );
}

/** `ds` for both `ds` and `ds@csv`. */
function nameOf(dataset: string): string {
  return dataset.split('@', 1)[0] ?? dataset;
}

function isPersistent({ datasets }: ProjectSnapshot, dataset: string): boolean {
  const entry = Object.hasOwn(datasets, dataset) ? datasets[dataset] : undefined;
  if (entry === undefined) return false;
  return !memoryTypes.has(entry.type?.split('.').at(-1) ?? '');
}
