import { ConfigError } from './config-error.ts';
import { putValue } from './build-tree.ts';
import { type ContainerNode, isContainer, placeOf, ScalarNode } from './config-node.ts';
import { MAX_DEPTH } from './config-value.ts';
import type { Resolution } from './resolution.ts';

/**
 * Puts the values that texts with interpolations come to in their places, in order, as
 * `OmegaConf.resolve` does. Kedro does so with each credentials file by itself, because the
 * environment may be asked only then. The resolution must not keep results.
 */
export function resolveInPlace(container: ContainerNode, resolution: Resolution, depth = 0): void {
  for (const child of container.children()) {
    if (depth > MAX_DEPTH) {
      const message = `${placeOf(child)} grows beyond ${MAX_DEPTH} levels.`;
      throw new ConfigError('interpolation-failed', message);
    }
    const placed =
      child instanceof ScalarNode && child.expression !== null
        ? putValue(container, child.key, resolution.toValue(resolution.dereference(child)))
        : child;
    if (isContainer(placed)) resolveInPlace(placed, resolution, depth + 1);
  }
}
