import type { DataCatalog } from '../catalog/data-catalog.ts';
import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

/**
 * Creates what is called after each node, and releases the datasets that no node needs any more.
 * Kedro's rule: never the pipeline's free inputs and final outputs.
 */
export function createReleaser(
  pipeline: Pipeline,
  freeInputs: ReadonlySet<string>,
  finalOutputs: ReadonlySet<string>,
  catalog: DataCatalog,
): (node: Node) => Promise<void> {
  const loadCounts = new Map<string, number>();
  for (const { inputs } of pipeline.nodes) {
    for (const name of inputs) loadCounts.set(name, (loadCounts.get(name) ?? 0) + 1);
  }
  return async (node) => {
    for (const name of node.inputs) {
      const count = (loadCounts.get(name) ?? 0) - 1;
      loadCounts.set(name, count);
      if (count < 1 && !freeInputs.has(name)) await catalog.release(name);
    }
    for (const name of node.outputs) {
      if (!loadCounts.has(name) && !finalOutputs.has(name)) await catalog.release(name);
    }
  };
}
