import { compareCodePoints } from '../names/compare-code-points.ts';
import { PipelineError } from './pipeline-error.ts';

interface Named {
  readonly name: string;
}

type Dependencies<T> = ReadonlyMap<T, ReadonlySet<T>>;

/** Every item with those that depend on it directly. */
export function dependentsOf<T>(dependencies: Dependencies<T>): ReadonlyMap<T, readonly T[]> {
  const dependents = new Map<T, T[]>();
  for (const item of dependencies.keys()) dependents.set(item, []);
  for (const [item, parents] of dependencies) {
    for (const parent of parents) dependents.get(parent)?.push(item);
  }
  return dependents;
}

/** A circle among items that each depend on another of them, from cause to effect. */
function findCycle<T>(dependencies: Dependencies<T>, stuck: ReadonlySet<T>): readonly T[] {
  const path = new Set<T>();
  let item: T | undefined;
  [item] = stuck;
  while (item !== undefined && !path.has(item)) {
    path.add(item);
    item = [...(dependencies.get(item) ?? [])].find((parent) => stuck.has(parent));
  }
  const visited = [...path];
  const cycle = visited.slice(visited.findIndex((seen) => seen === item));
  return cycle.toReversed();
}

/**
 * The items in groups, each after all that it depends on and as early as can be. Within a group
 * they are ordered by name, as Kedro orders them for execution.
 */
export function sortTopologically<T extends Named>(
  dependencies: Dependencies<T>,
): readonly (readonly T[])[] {
  const dependents = dependentsOf(dependencies);
  const waitingFor = new Map<T, number>();
  for (const [item, parents] of dependencies) waitingFor.set(item, parents.size);
  const groups: T[][] = [];
  let ready = [...dependencies.keys()].filter((item) => waitingFor.get(item) === 0);
  while (ready.length > 0) {
    groups.push(ready.toSorted((left, right) => compareCodePoints(left.name, right.name)));
    const next: T[] = [];
    for (const item of ready) {
      waitingFor.delete(item);
      for (const dependent of dependents.get(item) ?? []) {
        const left = (waitingFor.get(dependent) ?? 0) - 1;
        waitingFor.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    ready = next;
  }
  if (waitingFor.size > 0) {
    const names = findCycle(dependencies, new Set(waitingFor.keys())).map(({ name }) => name);
    throw new PipelineError(
      'dependencies-circular',
      `Circular dependencies exist among the following ${names.length} item(s): ${[...names, names[0]].join(' -> ')}. Rename an input or an output of one of them.`,
    );
  }
  return groups;
}
