import { ConfigError } from './config-error.ts';
import { type ConfigNode, type ContainerNode, DictNode, rootOf } from './config-node.ts';
import { parsePythonInt } from './key-path.ts';

/** The child that a key means; an index of a list may count from its end. */
export function childAt(container: ContainerNode, key: string): ConfigNode | undefined {
  if (container instanceof DictNode) return container.find(key);
  const number = parsePythonInt(key);
  if (number === undefined)
    throw new ConfigError('interpolation-failed', `"${key}" is no index of a list`);
  const index = Number(number);
  return container.item(index < 0 ? index + container.size : index);
}

/** Where a reference starts: without dots the root, else one container up for each after the first. */
export function ancestorAt(container: ContainerNode, dots: number): ContainerNode | null {
  if (dots === 0) return rootOf(container);
  let place: ContainerNode | null = container;
  for (let i = 1; i < dots && place !== null; i++) place = place.parent;
  return place;
}
