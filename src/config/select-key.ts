import { BlockedPathError, ConfigError } from './config-error.ts';
import { type ContainerNode, rootOf } from './config-node.ts';
import { splitKey } from './key-path.ts';
import type { Resolution } from './resolution.ts';
import type { Resolved } from './resolver.ts';
import { ancestorAt } from './tree-path.ts';

/**
 * What lies at a key path as `OmegaConf.select` finds it: one dot in front is the container
 * itself, each more its parent. A way that leads through a single value leads nowhere.
 */
export function selectKey(
  container: ContainerNode,
  path: string,
  resolution: Resolution,
): Resolved | undefined {
  const rest = path.replace(/^\.+/, '');
  const start = ancestorAt(container, Math.max(1, path.length - rest.length));
  if (start === null) return undefined;
  const keys = rest === '' ? [] : splitKey(rest);
  if (keys.length === 0 && rest !== '') {
    throw new ConfigError('interpolation-failed', `"${path}" is no path of keys`);
  }
  try {
    return resolution.select(start, keys, false);
  } catch (error) {
    if (error instanceof BlockedPathError) return undefined;
    throw error;
  }
}

/** The same, but a path without a dot in front starts at the top of the tree. */
export function selectKeyFromRoot(
  container: ContainerNode,
  path: string,
  resolution: Resolution,
): Resolved | undefined {
  return selectKey(path.startsWith('.') ? container : rootOf(container), path, resolution);
}
