import type { Node } from '../pipeline/node.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

type Work = (node: Node) => Promise<void>;

/** Works on one node after the other, in execution order. */
export async function runInOrder(pipeline: Pipeline, work: Work): Promise<void> {
  for (const node of pipeline.nodes) await work(node);
}

interface Dependents {
  readonly children: Map<Node, Node[]>;
  /** How many of the nodes that a node needs are not done yet. */
  readonly waiting: Map<Node, number>;
}

function findDependents(pipeline: Pipeline): Dependents {
  const children = new Map<Node, Node[]>();
  const waiting = new Map<Node, number>();
  for (const node of pipeline.nodes) {
    const parents = pipeline.nodeDependencies.get(node);
    waiting.set(node, parents?.size ?? 0);
    for (const parent of parents ?? []) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [node]);
      else known.push(node);
    }
  }
  return { children, waiting };
}

/**
 * Works on nodes as soon as all that they need is done, at most `limit` at once, earlier ones of
 * the execution order first. After a failure no more are begun; it is thrown when those at work
 * have ended.
 */
export async function runConcurrently(
  pipeline: Pipeline,
  limit: number,
  work: Work,
): Promise<void> {
  const { children, waiting } = findDependents(pipeline);
  const ready = pipeline.nodes.filter((node) => waiting.get(node) === 0);
  const failures: unknown[] = [];
  const ended = Promise.withResolvers<void>();
  let next = 0;
  let working = 0;

  const begin = (): void => {
    while (working < limit && failures.length === 0) {
      const node = ready[next];
      if (node === undefined) break;
      next += 1;
      working += 1;
      void work(node)
        .then(
          () => {
            for (const child of children.get(node) ?? []) {
              const left = (waiting.get(child) ?? 1) - 1;
              waiting.set(child, left);
              if (left === 0) ready.push(child);
            }
          },
          (error: unknown) => {
            failures.push(error);
          },
        )
        .then(() => {
          working -= 1;
          begin();
        });
    }
    if (working === 0) ended.resolve();
  };

  begin();
  await ended.promise;
  if (failures.length > 0) throw failures[0];
}
