import type { DataCatalog } from '../catalog/data-catalog.ts';
import type { Node } from '../pipeline/node.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import type { RunLogger } from './run-logger.ts';

type DatasetState = 'ephemeral' | 'existing' | 'missing';

/** Looks at each dataset once; those that the catalog has not are memory, as in Kedro. */
function createStates(catalog: DataCatalog): (name: string) => Promise<DatasetState> {
  const known = new Map<string, DatasetState>();
  return async (name) => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const dataset = catalog.find(name);
    let state: DatasetState = 'ephemeral';
    if (dataset !== undefined && dataset.ephemeral !== true) {
      state = (await catalog.exists(name)) ? 'existing' : 'missing';
    }
    known.set(name, state);
    return state;
  };
}

function say(log: RunLogger, pipeline: Pipeline, left: readonly Node[]): void {
  const total = pipeline.nodes.length;
  if (left.length === 0) {
    log.info(`Skipping all ${total} nodes (all persistent outputs exist)`);
    return;
  }
  const runs = new Set(left);
  const skipped = pipeline.nodes.flatMap((node) => (runs.has(node) ? [] : [node.name]));
  if (skipped.length > 0) {
    log.info(
      `Skipping ${skipped.length} nodes with existing outputs: ${skipped.toSorted().join(', ')}`,
    );
  }
  log.info(`Running ${left.length} out of ${total} nodes`);
}

/**
 * The nodes that must run by Kedro's rules: those without outputs, those that miss a persistent
 * output, and those that give such nodes what is not there. They may be none.
 */
export async function onlyMissingOutputs(
  pipeline: Pipeline,
  catalog: DataCatalog,
  log: RunLogger,
): Promise<Pipeline> {
  const stateOf = createStates(catalog);
  const wanted = new Set<string>();
  const left: Node[] = [];
  for (const node of pipeline.nodes.toReversed()) {
    let mustRun = node.outputs.length === 0;
    for (const output of node.outputs) {
      const state = await stateOf(output);
      mustRun ||= state === 'missing' || (state === 'ephemeral' && wanted.has(output));
    }
    if (!mustRun) continue;
    left.push(node);
    for (const input of node.inputs) wanted.add(input);
  }
  say(log, pipeline, left);
  return left.length === pipeline.nodes.length ? pipeline : new Pipeline(left.toReversed());
}
