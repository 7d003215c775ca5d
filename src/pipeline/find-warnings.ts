import { nameList } from './name-list.ts';
import type { NodeGraph } from './node-graph.ts';
import type { Node } from './node.ts';
import { dependentsOf } from './topological-sort.ts';

/** For a node: the namespaces that a path to it has left, each with a node that came after. */
type LeftNamespaces = Map<string, Node>;

function shortestPath(graph: NodeGraph, start: Node, end: Node): readonly Node[] {
  const children = dependentsOf(graph.dependencies);
  const cameFrom = new Map<Node, Node | null>([[start, null]]);
  for (const node of cameFrom.keys()) {
    if (node === end) break;
    for (const child of children.get(node) ?? []) {
      if (!cameFrom.has(child)) cameFrom.set(child, node);
    }
  }
  const path: Node[] = [];
  let step: Node | null = end;
  while (step !== null) {
    path.push(step);
    step = cameFrom.get(step) ?? null;
  }
  return path.toReversed();
}

/** Adds what a path leaves on the step from `parent` to `node`. */
function leaveOnStep(left: LeftNamespaces, parent: Node, node: Node): void {
  const to = node.namespace ?? '';
  for (const prefix of parent.namespacePrefixes) {
    if (!to.startsWith(prefix) && !left.has(prefix)) left.set(prefix, node);
  }
}

/**
 * Says which namespaces cannot run as one because a path leaves them and comes back through other
 * nodes: each once, with one such path.
 */
export function findInterruptedNamespaces(graph: NodeGraph): readonly string[] {
  const warnings = new Map<string, string>();
  const leftBefore = new Map<Node, LeftNamespaces>();
  for (const node of graph.order) {
    const left: LeftNamespaces = new Map();
    for (const parent of graph.dependencies.get(node) ?? []) {
      const seen = leftBefore.get(parent) ?? new Map<string, Node>();
      const interrupted = node.namespacePrefixes.find((prefix) => seen.has(prefix));
      const start = interrupted === undefined ? undefined : seen.get(interrupted);
      if (interrupted !== undefined && start !== undefined && !warnings.has(interrupted)) {
        const path = shortestPath(graph, start, node).slice(0, -1);
        const names = nameList(path.map(({ name }) => name));
        const text = `Namespace '${interrupted}' is interrupted by nodes ${names} and thus invalid.`;
        warnings.set(interrupted, text);
      }
      for (const [namespace, after] of seen) if (!left.has(namespace)) left.set(namespace, after);
      leaveOnStep(left, parent, node);
    }
    leftBefore.set(node, left);
  }
  return [...warnings.values()];
}

function isForeignName(dataset: string, namespace: string | null): boolean {
  if (!dataset.includes('.') || dataset.startsWith('params:')) return false;
  const prefix = dataset.slice(0, dataset.lastIndexOf('.'));
  return namespace === null || !prefix.startsWith(namespace.split('.')[0] ?? '');
}

/** Says which datasets have a dot in their name that no namespace put there. */
export function findDottedDatasets(nodes: readonly Node[]): readonly string[] {
  const dotted = nodes.flatMap(({ inputs, outputs, namespace }) =>
    [...inputs, ...outputs].filter((dataset) => isForeignName(dataset, namespace)),
  );
  if (dotted.length === 0) return [];
  return [
    `Dataset names ${nameList(new Set(dotted))} contain '.', which is reserved for namespaces. Consider a different naming convention.`,
  ];
}
