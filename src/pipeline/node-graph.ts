import {
  checkTranscoding,
  checkUniqueConfirms,
  checkUniqueNames,
  checkUniqueOutputs,
} from './check-nodes.ts';
import type { Node } from './node.ts';
import { sortTopologically } from './topological-sort.ts';
import { stripTranscoding } from './transcoding.ts';

const noNodes: ReadonlySet<Node> = new Set();

/** Nodes with the edges that their datasets make, and without a circle. */
export class NodeGraph {
  /** In the order in which they were given. */
  readonly nodes: readonly Node[];
  readonly nodesByName: ReadonlyMap<string, Node>;
  /** Datasets are named as the nodes name them, formats included. */
  readonly allInputs: ReadonlySet<string>;
  readonly allOutputs: ReadonlySet<string>;
  readonly datasets: ReadonlySet<string>;
  /** Every node with those that it needs directly. */
  readonly dependencies: ReadonlyMap<Node, ReadonlySet<Node>>;
  /** In execution order: a group needs only those before it. */
  readonly groups: readonly (readonly Node[])[];
  /** All nodes in execution order. */
  readonly order: readonly Node[];
  readonly #consumers = new Map<string, Set<Node>>();
  readonly #producers = new Map<string, Node>();

  /** Throws `PipelineError` when the nodes cannot stand together. */
  constructor(nodes: readonly Node[]) {
    checkUniqueNames(nodes);
    checkTranscoding(nodes);
    checkUniqueOutputs(nodes);
    checkUniqueConfirms(nodes);
    this.nodes = nodes;
    this.nodesByName = new Map(nodes.map((node) => [node.name, node]));
    this.allInputs = new Set(nodes.flatMap(({ inputs }) => inputs));
    this.allOutputs = new Set(nodes.flatMap(({ outputs }) => outputs));
    this.datasets = new Set([...this.allOutputs, ...this.allInputs]);
    for (const node of nodes) {
      for (const input of node.inputs) this.#consumersOrNew(stripTranscoding(input)).add(node);
      for (const output of node.outputs) this.#producers.set(stripTranscoding(output), node);
    }
    this.dependencies = this.#connect();
    this.groups = sortTopologically(this.dependencies);
    this.order = this.groups.flat();
  }

  /** The inputs that no node gives. */
  get freeInputs(): ReadonlySet<string> {
    return new Set([...this.allInputs].filter((name) => this.producerOf(name) === undefined));
  }

  /** The outputs that no node takes. */
  get finalOutputs(): ReadonlySet<string> {
    return new Set([...this.allOutputs].filter((name) => this.consumersOf(name).size === 0));
  }

  /** The nodes that take a dataset, in whatever format. */
  consumersOf(dataset: string): ReadonlySet<Node> {
    return this.#consumers.get(stripTranscoding(dataset)) ?? noNodes;
  }

  /** The node that gives a dataset, in whatever format. */
  producerOf(dataset: string): Node | undefined {
    return this.#producers.get(stripTranscoding(dataset));
  }

  /** Whether a node takes or gives the dataset: in this format, or in any when it has none. */
  hasDataset(dataset: string): boolean {
    return (
      this.datasets.has(dataset) || this.#consumers.has(dataset) || this.#producers.has(dataset)
    );
  }

  #consumersOrNew(name: string): Set<Node> {
    const consumers = this.#consumers.get(name) ?? new Set();
    this.#consumers.set(name, consumers);
    return consumers;
  }

  #connect(): ReadonlyMap<Node, ReadonlySet<Node>> {
    const dependencies = new Map<Node, Set<Node>>();
    for (const node of this.nodes) {
      const parents = new Set<Node>();
      for (const input of node.inputs) {
        const producer = this.producerOf(input);
        if (producer !== undefined) parents.add(producer);
      }
      dependencies.set(node, parents);
    }
    return dependencies;
  }
}
