import type { DataCatalog } from '../catalog/data-catalog.ts';
import { compareCodePoints } from '../names/compare-code-points.ts';
import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { stripTranscoding } from '../pipeline/transcoding.ts';

function isPersistent(name: string, catalog: DataCatalog): boolean {
  if (name.startsWith('params:')) return true;
  const dataset = catalog.find(name);
  return dataset !== undefined && dataset.ephemeral !== true;
}

function findProducers(pipeline: Pipeline): ReadonlyMap<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of pipeline.nodes) {
    for (const output of node.outputs) producers.set(stripTranscoding(output), node);
  }
  return producers;
}

/** The unfinished nodes, and those before them whose data is gone with the run. */
function findRerun(pipeline: Pipeline, done: ReadonlySet<Node>, catalog: DataCatalog): Set<Node> {
  const producers = findProducers(pipeline);
  const rerun = new Set(pipeline.nodes.filter((node) => !done.has(node)));
  for (const node of rerun) {
    for (const input of node.inputs) {
      const producer = producers.get(stripTranscoding(input));
      if (producer !== undefined && !isPersistent(input, catalog)) rerun.add(producer);
    }
  }
  return rerun;
}

/** Says, in Kedro's words, from which nodes a failed run can go on; null when all nodes ran. */
export function suggestResume(
  pipeline: Pipeline,
  done: ReadonlySet<Node>,
  catalog: DataCatalog,
): string | null {
  if (done.size === 0) {
    return 'No nodes ran. Repeat the previous command to attempt a new run.';
  }
  const remaining = pipeline.nodes.length - done.size;
  if (remaining === 0) return null;
  const rerun = findRerun(pipeline, done, catalog);
  const names = Array.from(rerun, ({ name }) => name);
  const all = pipeline.fromNodes(...names);
  const first = (all.groupedNodes[0] ?? []).map(({ name }) => name).toSorted(compareCodePoints);
  return `There are ${remaining} nodes that have not run.\nYou can resume the pipeline run from the nearest nodes with persisted inputs by adding the following argument to your previous command:\n  --from-nodes "${first.join(',')}"`;
}
