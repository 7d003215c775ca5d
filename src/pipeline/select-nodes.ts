import { checkUniqueNames } from './check-nodes.ts';
import { compareCodePoints } from '../names/compare-code-points.ts';
import { nameList } from './name-list.ts';
import type { NodeGraph } from './node-graph.ts';
import type { Node } from './node.ts';
import { PipelineError } from './pipeline-error.ts';
import { stripTranscoding } from './transcoding.ts';

type Names = readonly string[];
type Selection = ReadonlySet<Node>;

function unmatched(problem: string): PipelineError {
  return new PipelineError('filter-unmatched', `Pipeline does not contain ${problem}`);
}

/** Kedro refuses a node that is chosen twice by name or namespace; so do we. */
function selectOnce(nodes: readonly Node[]): Selection {
  checkUniqueNames(nodes);
  return new Set(nodes);
}

function checkDatasets(graph: NodeGraph, datasets: Names): void {
  const missing = [...new Set(datasets)].filter((name) => !graph.hasDataset(name));
  if (missing.length === 0) return;
  throw unmatched(`datasets named ${nameList(missing.toSorted(compareCodePoints))}`);
}

/** All that can be reached from `start` by `next`, `start` included. */
function reach(start: Selection, next: (node: Node) => Iterable<Node>): Selection {
  const reached = new Set(start);
  for (const node of reached) {
    for (const neighbour of next(node)) reached.add(neighbour);
  }
  return reached;
}

function* consumersOf(graph: NodeGraph, node: Node): Generator<Node, void> {
  for (const output of node.outputs) yield* graph.consumersOf(output);
}

/** The nodes of these names, each with its namespace. */
export function selectNamed(graph: NodeGraph, names: Names): Selection {
  const unknown = new Set(names.filter((name) => !graph.nodesByName.has(name)));
  if (unknown.size > 0) {
    const namespaced = [...unknown].flatMap((name) =>
      [...graph.nodesByName.keys()].filter((candidate) => candidate.endsWith(`.${name}`)),
    );
    const hint = namespaced.length > 0 ? ` Did you mean: ${nameList(namespaced)}?` : '';
    throw unmatched(`nodes named ${nameList(unknown)}.${hint}`);
  }
  return selectOnce(
    names.map((name) => graph.nodesByName.get(name)).filter((node) => node !== undefined),
  );
}

/** The nodes with any of these tags. */
export function selectTagged(graph: NodeGraph, tags: Names): Selection {
  return new Set(graph.nodes.filter((node) => tags.some((tag) => node.tags.has(tag))));
}

/** The nodes in these namespaces and those below them. */
export function selectInNamespaces(graph: NodeGraph, namespaces: Names): Selection {
  const inNamespace = (namespace: string) =>
    graph.nodes.filter(
      (node) => node.namespace !== null && `${node.namespace}.`.startsWith(`${namespace}.`),
    );
  const matches = namespaces.map((namespace) => ({ namespace, nodes: inNamespace(namespace) }));
  const empty = matches.filter(({ nodes }) => nodes.length === 0);
  if (empty.length > 0) {
    const names = nameList(empty.map(({ namespace }) => namespace));
    throw unmatched(`nodes with the following namespaces: ${names}`);
  }
  return selectOnce(matches.flatMap(({ nodes }) => nodes));
}

/** The nodes that take these datasets themselves; without a format, in any. */
export function selectWithInputs(graph: NodeGraph, datasets: Names): Selection {
  checkDatasets(graph, datasets);
  const selected = new Set<Node>();
  for (const dataset of datasets) {
    const anyFormat = stripTranscoding(dataset) === dataset;
    for (const node of graph.consumersOf(dataset)) {
      if (anyFormat || node.inputs.includes(dataset)) selected.add(node);
    }
  }
  return selected;
}

/** The nodes that give these datasets themselves; without a format, in any. */
export function selectWithOutputs(graph: NodeGraph, datasets: Names): Selection {
  checkDatasets(graph, datasets);
  const selected = new Set<Node>();
  for (const dataset of datasets) {
    const node = graph.producerOf(dataset);
    if (node === undefined) continue;
    if (stripTranscoding(dataset) === dataset || node.outputs.includes(dataset)) selected.add(node);
  }
  return selected;
}

/** The nodes that need these datasets, directly or through others. */
export function selectFromInputs(graph: NodeGraph, datasets: Names): Selection {
  return reach(selectWithInputs(graph, datasets), (node) => consumersOf(graph, node));
}

/** The nodes that these datasets need, directly or through others. */
export function selectToOutputs(graph: NodeGraph, datasets: Names): Selection {
  return reach(selectWithOutputs(graph, datasets), (node) => graph.dependencies.get(node) ?? []);
}

/** These nodes and all that need them. */
export function selectFrom(graph: NodeGraph, names: Names): Selection {
  return reach(selectNamed(graph, names), (node) => consumersOf(graph, node));
}

/** These nodes and all that they need. */
export function selectTo(graph: NodeGraph, names: Names): Selection {
  return reach(selectNamed(graph, names), (node) => graph.dependencies.get(node) ?? []);
}
