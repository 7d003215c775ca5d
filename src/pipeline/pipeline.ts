import { findDottedDatasets, findInterruptedNamespaces } from './find-warnings.ts';
import { compareCodePoints } from '../names/compare-code-points.ts';
import type { PipelineFilter } from './filter-nodes.ts';
import { filterNodes } from './filter-nodes.ts';
import type { GroupedNodes } from './group-nodes.ts';
import { groupNodesByNamespace, groupNodesSingly } from './group-nodes.ts';
import type { MappingOptions } from './map-nodes.ts';
import { isMapped, mapNodes } from './map-nodes.ts';
import { NodeGraph } from './node-graph.ts';
import { Node } from './node.ts';
import { parseTags } from './parse-node.ts';
import { PipelineError } from './pipeline-error.ts';
import {
  selectFrom,
  selectFromInputs,
  selectInNamespaces,
  selectNamed,
  selectTagged,
  selectTo,
  selectToOutputs,
  selectWithInputs,
  selectWithOutputs,
} from './select-nodes.ts';
import { valueType } from './value-type.ts';

export interface PipelineOptions extends MappingOptions {
  /** Added to the tags of every node. */
  readonly tags?: string | Iterable<string> | null | undefined;
}

/** What `JSON.stringify` makes of a pipeline. */
export interface PipelineJson {
  readonly pipeline: readonly {
    readonly name: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly tags: readonly string[];
  }[];
}

function flatten(nodes: Iterable<Node | Pipeline>): readonly Node[] {
  if (typeof nodes?.[Symbol.iterator] !== 'function') {
    const problem = `A pipeline is made of an array of nodes and pipelines, not of '${valueType(nodes)}'.`;
    throw new PipelineError('nodes-invalid', problem);
  }
  const flat: Node[] = [];
  for (const item of nodes) {
    if (item instanceof Node) flat.push(item);
    else if (item instanceof Pipeline) for (const node of item.nodes) flat.push(node);
    else {
      const problem = `A pipeline is made of nodes and pipelines, but item ${flat.length + 1} is '${valueType(item)}'.`;
      throw new PipelineError('nodes-invalid', problem);
    }
  }
  return flat;
}

/** The first of each that are the same node to Kedro. */
function distinct(nodes: Iterable<Node>): readonly Node[] {
  const byKey = new Map<string, Node>();
  for (const node of nodes) {
    if (!byKey.has(node.key)) byKey.set(node.key, node);
  }
  return [...byKey.values()];
}

/** Nodes with their execution order, which is Kedro's. Pipelines never change. */
export class Pipeline {
  readonly #graph: NodeGraph;

  /** Throws `PipelineError` when the nodes cannot stand together or the options do not fit them. */
  constructor(nodes: Iterable<Node | Pipeline> | Pipeline, options: PipelineOptions = {}) {
    const flat = flatten(nodes instanceof Pipeline ? nodes.nodes : nodes);
    const tags = parseTags(options.tags, 'a pipeline');
    const tagged = tags.size === 0 ? flat : flat.map((node) => node.tag(tags));
    this.#graph = new NodeGraph(tagged);
    if (isMapped(options)) this.#graph = new NodeGraph(mapNodes(this.#graph, options));
  }

  /** The nodes of all pipelines together, as adding them one by one would give. */
  static sum(pipelines: Iterable<Pipeline>): Pipeline {
    return new Pipeline(distinct([...pipelines].flatMap((each) => each.#graph.nodes)));
  }

  /** In execution order. */
  get nodes(): readonly Node[] {
    return this.#graph.order;
  }

  /** The execution order in groups, each of which needs only those before it. */
  get groupedNodes(): readonly (readonly Node[])[] {
    return this.#graph.groups;
  }

  /** Every node with those that it needs directly. */
  get nodeDependencies(): ReadonlyMap<Node, ReadonlySet<Node>> {
    return this.#graph.dependencies;
  }

  allInputs(): ReadonlySet<string> {
    return this.#graph.allInputs;
  }

  allOutputs(): ReadonlySet<string> {
    return this.#graph.allOutputs;
  }

  /** The free inputs: those that no node gives. */
  inputs(): ReadonlySet<string> {
    return this.#graph.freeInputs;
  }

  /** The final outputs: those that no node takes. */
  outputs(): ReadonlySet<string> {
    return this.#graph.finalOutputs;
  }

  datasets(): ReadonlySet<string> {
    return this.#graph.datasets;
  }

  /** Kedro's `+`: the nodes of both. */
  add(other: Pipeline): Pipeline {
    return Pipeline.sum([this, other]);
  }

  /** Kedro's `|`: the nodes of both. */
  or(other: Pipeline): Pipeline {
    return this.add(other);
  }

  /** Kedro's `-`: the nodes that the other has not. */
  subtract(other: Pipeline): Pipeline {
    const theirs = new Set(other.#graph.nodes.map(({ key }) => key));
    return new Pipeline(this.#graph.nodes.filter(({ key }) => !theirs.has(key)));
  }

  /** Kedro's `&`: the nodes that both have, taken from the smaller (or else the other). */
  and(other: Pipeline): Pipeline {
    const [large, small] =
      other.#graph.nodes.length > this.#graph.nodes.length ? [other, this] : [this, other];
    const keys = new Set(large.#graph.nodes.map(({ key }) => key));
    return new Pipeline(small.#graph.nodes.filter(({ key }) => keys.has(key)));
  }

  /** The same pipeline with more tags on every node. */
  tag(tags: string | Iterable<string>): Pipeline {
    return new Pipeline(this.#graph.nodes, { tags });
  }

  onlyNodes(...names: readonly string[]): Pipeline {
    return new Pipeline(selectNamed(this.#graph, names));
  }

  onlyNodesWithTags(...tags: readonly string[]): Pipeline {
    return new Pipeline(selectTagged(this.#graph, tags));
  }

  onlyNodesWithNamespaces(namespaces: readonly string[]): Pipeline {
    return new Pipeline(selectInNamespaces(this.#graph, namespaces));
  }

  onlyNodesWithInputs(...inputs: readonly string[]): Pipeline {
    return new Pipeline(selectWithInputs(this.#graph, inputs));
  }

  onlyNodesWithOutputs(...outputs: readonly string[]): Pipeline {
    return new Pipeline(selectWithOutputs(this.#graph, outputs));
  }

  fromInputs(...inputs: readonly string[]): Pipeline {
    return new Pipeline(selectFromInputs(this.#graph, inputs));
  }

  toOutputs(...outputs: readonly string[]): Pipeline {
    return new Pipeline(selectToOutputs(this.#graph, outputs));
  }

  fromNodes(...names: readonly string[]): Pipeline {
    return new Pipeline(selectFrom(this.#graph, names));
  }

  toNodes(...names: readonly string[]): Pipeline {
    return new Pipeline(selectTo(this.#graph, names));
  }

  /** Throws `PipelineError` (`filter-unmatched`) for an unknown name, and when no node is left. */
  filter(filter: PipelineFilter): Pipeline {
    return new Pipeline(filterNodes(this.#graph, filter));
  }

  /** Groups for deployment: by top-level namespace, or each node for itself. */
  groupNodesBy(strategy: 'namespace' | 'none' | null = 'namespace'): readonly GroupedNodes[] {
    if (strategy === null || strategy === 'none') return groupNodesSingly(this.#graph);
    if (strategy === 'namespace') return groupNodesByNamespace(this.#graph);
    throw new PipelineError(
      'grouping-unknown',
      `Unsupported group_by strategy: ${String(strategy)}`,
    );
  }

  /** What Kedro would warn of: interrupted namespaces, and dots in the names of datasets. */
  warnings(): readonly string[] {
    return [...findInterruptedNamespaces(this.#graph), ...findDottedDatasets(this.nodes)];
  }

  /** The execution order with the free inputs and final outputs, as text. */
  describe({ namesOnly = true }: { readonly namesOnly?: boolean } = {}): string {
    const list = (names: ReadonlySet<string>) =>
      [...names].toSorted(compareCodePoints).join(', ') || 'None';
    return [
      '#### Pipeline execution order ####',
      `Inputs: ${list(this.inputs())}`,
      '',
      ...(this.nodes.length === 0
        ? ['']
        : this.nodes.map((node) => (namesOnly ? node.name : String(node)))),
      '',
      `Outputs: ${list(this.outputs())}`,
      '##################################',
    ].join('\n');
  }

  toJSON(): PipelineJson {
    return {
      pipeline: this.#graph.nodes.map(({ name, inputs, outputs, tags }) => ({
        name,
        inputs,
        outputs,
        tags: [...tags],
      })),
    };
  }
}

/**
 * A pipeline of nodes and of other pipelines' nodes, with their datasets called as the options
 * say. Throws `PipelineError`.
 */
export function pipeline(
  nodes: Iterable<Node | Pipeline> | Pipeline,
  options: PipelineOptions = {},
): Pipeline {
  return new Pipeline(nodes, options);
}
