import { ConfigError } from './config-error.ts';
import { type ContainerNode, DictNode, isContainer, placeOf, ScalarNode } from './config-node.ts';
import type { Resolution } from './resolution.ts';

/**
 * Merges one mapping into another as OmegaConf does: mappings key by key, lists and single values
 * as a whole; `???` never overrides; a reference to a mapping or list is replaced by a copy of it
 * before something is merged into it. The nodes of `source` move into `target`.
 * Throws `ConfigError` when a list meets a mapping.
 */
export function mergeTree(target: DictNode, source: DictNode, resolution: Resolution): void {
  for (const incoming of source.children()) {
    const { key } = incoming;
    let current = target.get(key);
    if (current instanceof ScalarNode && current.expression !== null) {
      const referenced = resolution.containerAt(current);
      if (referenced !== undefined) {
        current = referenced.copy();
        target.set(key, current);
      }
    }
    if (isContainer(current) && isContainer(incoming)) {
      mergeContainers(current, incoming, resolution);
    } else if (current === undefined || !(incoming instanceof ScalarNode && incoming.isMissing)) {
      target.set(key, incoming);
    }
  }
}

export function mergeContainers(
  target: ContainerNode,
  source: ContainerNode,
  resolution: Resolution,
): void {
  if (target instanceof DictNode && source instanceof DictNode) {
    mergeTree(target, source, resolution);
  } else if (!(target instanceof DictNode) && !(source instanceof DictNode)) {
    target.clear();
    for (const item of source.children()) target.push(item);
  } else {
    const message = `${placeOf(target)} is a mapping in one place and a list in another (${source.origin}); they cannot be merged.`;
    throw new ConfigError('config-merge-impossible', message);
  }
}
