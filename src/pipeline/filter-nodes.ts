import type { NodeGraph } from './node-graph.ts';
import type { Node } from './node.ts';
import { PipelineError } from './pipeline-error.ts';
import {
  selectFrom,
  selectFromInputs,
  selectInNamespaces,
  selectNamed,
  selectTagged,
  selectTo,
  selectToOutputs,
} from './select-nodes.ts';

type Names = readonly string[] | null | undefined;

/** Nodes must meet every condition that is given; an empty list is none. */
export interface PipelineFilter {
  /** Nodes with any of these tags. */
  readonly tags?: Names;
  /** These nodes and all that need them. */
  readonly fromNodes?: Names;
  /** These nodes and all that they need. */
  readonly toNodes?: Names;
  readonly nodeNames?: Names;
  /** The nodes that need these datasets, directly or through others. */
  readonly fromInputs?: Names;
  /** The nodes that these datasets need, directly or through others. */
  readonly toOutputs?: Names;
  /** Nodes in these namespaces and those below them. */
  readonly namespaces?: Names;
}

/**
 * The nodes that meet the whole filter; each condition looks at the whole graph, so their order
 * does not count. Throws `PipelineError` (`filter-unmatched`) when none is left.
 */
export function filterNodes(graph: NodeGraph, filter: PipelineFilter): readonly Node[] {
  const conditions = [
    [selectTagged, filter.tags],
    [selectFrom, filter.fromNodes],
    [selectTo, filter.toNodes],
    [selectNamed, filter.nodeNames],
    [selectFromInputs, filter.fromInputs],
    [selectToOutputs, filter.toOutputs],
    [selectInNamespaces, filter.namespaces],
  ] as const;
  const selections = conditions.flatMap(([select, names]) =>
    names && names.length > 0 ? [select(graph, names)] : [],
  );
  const nodes = graph.nodes.filter((node) => selections.every((selection) => selection.has(node)));
  if (nodes.length > 0) return nodes;
  throw new PipelineError(
    'filter-unmatched',
    'Pipeline contains no nodes after applying all provided filters. Please ensure that at least one pipeline with nodes has been defined.',
  );
}
