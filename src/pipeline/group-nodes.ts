import { compareCodePoints } from '../names/compare-code-points.ts';
import type { NodeGraph } from './node-graph.ts';
import type { Node } from './node.ts';

/** Nodes that are deployed as one: those of a top-level namespace, or a node on its own. */
export interface GroupedNodes {
  readonly name: string;
  readonly type: 'namespace' | 'nodes';
  /** Names of the nodes, in execution order. */
  readonly nodes: readonly string[];
  /** Names of the groups that must run before. */
  readonly dependencies: readonly string[];
}

function parentsByName(graph: NodeGraph, node: Node): readonly Node[] {
  const parents = [...(graph.dependencies.get(node) ?? [])];
  return parents.toSorted((left, right) => compareCodePoints(left.name, right.name));
}

/** Each node as a group of its own, in execution order. */
export function groupNodesSingly(graph: NodeGraph): readonly GroupedNodes[] {
  return graph.order.map((node) => ({
    name: node.name,
    type: 'nodes',
    nodes: [node.name],
    dependencies: parentsByName(graph, node).map(({ name }) => name),
  }));
}

function groupOf(node: Node): string {
  return node.namespace?.split('.')[0] ?? node.name;
}

/** The nodes by top-level namespace; a node without one is a group of its own. */
export function groupNodesByNamespace(graph: NodeGraph): readonly GroupedNodes[] {
  const groups = new Map<
    string,
    { type: GroupedNodes['type']; nodes: string[]; dependencies: Set<string> }
  >();
  for (const node of graph.order) {
    const name = groupOf(node);
    const type = node.namespace === null ? 'nodes' : 'namespace';
    const group = groups.get(name) ?? { type, nodes: [], dependencies: new Set() };
    groups.set(name, group);
    group.nodes.push(node.name);
    for (const parent of parentsByName(graph, node)) {
      const parentGroup = groupOf(parent);
      if (parentGroup !== name) group.dependencies.add(parentGroup);
    }
  }
  return [...groups].map(([name, { type, nodes, dependencies }]) => ({
    name,
    type,
    nodes,
    dependencies: [...dependencies],
  }));
}
