import { ConfigError } from './config-error.ts';
import { putValue } from './build-tree.ts';
import { filledPlace } from '../names/leads-out.ts';
import { type ContainerNode, isContainer, pathOf, placeOf, ScalarNode } from './config-node.ts';
import { type ConfigValue, MAX_DEPTH } from './config-value.ts';
import type { Resolution } from './resolution.ts';
import { sourceOf, type Watch } from './resolved-tree.ts';

/**
 * Puts the values that texts with interpolations come to in their places, in order, as
 * `OmegaConf.resolve` does. Kedro does so with each credentials file by itself, because the
 * environment may be asked only then. The resolution must not keep results.
 */
export function resolveInPlace(
  container: ContainerNode,
  resolution: Resolution,
  watch: Watch | null,
  depth = 0,
): void {
  for (const child of container.children()) {
    if (depth > MAX_DEPTH) {
      const message = `${placeOf(child)} grows beyond ${MAX_DEPTH} levels.`;
      throw new ConfigError('interpolation-failed', message);
    }
    const placed =
      child instanceof ScalarNode && child.expression !== null
        ? putValue(container, child.key, valueOf(child, resolution, watch))
        : child;
    if (isContainer(placed)) resolveInPlace(placed, resolution, watch, depth + 1);
  }
}

function valueOf(node: ScalarNode, resolution: Resolution, watch: Watch | null): ConfigValue {
  resolution.watchedSeen = null;
  const value = resolution.toValue(resolution.dereference(node));
  const { watchedSeen: watched } = resolution;
  if (watched !== null) {
    const seen = { keys: [], text: null, neutral: filledPlace, source: sourceOf(watched) };
    watch?.see({ entry: pathOf(node), ...seen });
  }
  return value;
}
