import type {
  NodeSnapshot,
  PipelineSnapshot,
  ProjectSnapshot,
} from '../executor/project-snapshot.ts';
import type { PipelineFilter } from '../pipeline/filter-nodes.ts';
import { Node } from '../pipeline/node.ts';
import { Pipeline } from '../pipeline/pipeline.ts';

/** A node's function is not in a snapshot, and not needed to select nodes. */
const standIn = (): undefined => undefined;

/**
 * A project's pipelines, made again from its snapshot. Their nodes go by names of their own: those
 * of the snapshot may be default names, which nobody may give to a node.
 */
export class SnapshotPipelines {
  readonly #snapshots: ReadonlyMap<string, PipelineSnapshot>;
  readonly #made = new Map<string, Pipeline>();
  readonly #nodes = new Map<string, Node>();
  readonly #snapshotsOfNodes = new Map<string, NodeSnapshot>();
  readonly #ownNames = new Map<string, string>();
  readonly #realNames = new Map<string, string>();

  constructor({ pipelines }: ProjectSnapshot) {
    this.#snapshots = new Map(pipelines.map((pipeline) => [pipeline.name, pipeline]));
  }

  get names(): Iterable<string> {
    return this.#snapshots.keys();
  }

  has(name: string): boolean {
    return this.#snapshots.has(name);
  }

  /** These pipelines together. Throws `PipelineError` when they cannot stand together. */
  join(names: readonly string[]): Pipeline {
    const pipelines = names.map((name) => this.#make(name));
    const [first] = pipelines;
    return pipelines.length === 1 && first !== undefined ? first : Pipeline.sum(pipelines);
  }

  /** Throws `PipelineError` (`filter-unmatched`) for an unknown name, and when no node is left. */
  filter(pipeline: Pipeline, filter: PipelineFilter): Pipeline {
    const own = (names: readonly string[] | null | undefined) =>
      names?.map((name) => this.#ownNames.get(name) ?? name) ?? null;
    return pipeline.filter({
      ...filter,
      nodeNames: own(filter.nodeNames),
      fromNodes: own(filter.fromNodes),
      toNodes: own(filter.toNodes),
    });
  }

  /** The nodes of a pipeline that was made here. */
  nodesOf(pipeline: Pipeline): readonly NodeSnapshot[] {
    return pipeline.nodes.flatMap(({ key }) => this.#snapshotsOfNodes.get(key) ?? []);
  }

  /** A message of the pipeline's about nodes, with the names that the project gave them. */
  withRealNames(message: string): string {
    return message.replaceAll(/'([^']*node-of-snapshot-\d+)'/gu, (quoted, name: string) => {
      const real = this.#realNames.get(name);
      return real === undefined ? quoted : `'${real}'`;
    });
  }

  #make(name: string): Pipeline {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const nodes = this.#snapshots.get(name)?.nodes ?? [];
    const made = new Pipeline(nodes.map((node) => this.#nodeOf(node)));
    this.#made.set(name, made);
    return made;
  }

  #nodeOf(snapshot: NodeSnapshot): Node {
    const { name, namespace, tags, inputs, outputs } = snapshot;
    const key = JSON.stringify([name, inputs, outputs]);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const short =
      this.#ownNames.get(name)?.split('.').at(-1) ?? `node-of-snapshot-${this.#ownNames.size}`;
    const node = new Node({ func: standIn, name: short, namespace, tags, inputs, outputs });
    this.#nodes.set(key, node);
    this.#ownNames.set(name, node.name);
    this.#realNames.set(node.name, name);
    this.#snapshotsOfNodes.set(node.key, snapshot);
    return node;
  }
}
