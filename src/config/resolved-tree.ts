import { ConfigError } from './config-error.ts';
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  placeOf,
} from './config-node.ts';
import {
  type ConfigScalar,
  type ConfigValue,
  ConfigMap,
  EscapedMissing,
  isList,
  MAX_DEPTH,
} from './config-value.ts';
import { pythonStr } from './python-text.ts';
import type { Resolution } from './resolution.ts';

/** Values that one tree may come to when every reference is followed. */
const MAX_VALUES = 1_000_000;

/** The value of a container with all that lies below it resolved. */
export function resolveBelow(container: ContainerNode, resolution: Resolution): ConfigValue {
  return new TreeResolver(resolution, null).container(container, 0, false);
}

/** A key below the first level whose value may not come from the resolution's watched origin. */
export interface WatchedKey {
  readonly key: string;
  /** The error for the entry of the first level in which it did. */
  readonly refuse: (entry: string) => ConfigError;
}

/** The value of a whole tree. Throws `ConfigError`. */
export function resolveTree(
  root: DictNode,
  resolution: Resolution,
  watch: WatchedKey | null = null,
): ConfigMap {
  const map = new ConfigMap();
  const resolver = new TreeResolver(resolution, watch);
  for (const child of root.children()) {
    map.set(withoutEscape(child.key), withoutEscapes(resolver.entry(child)));
  }
  return map;
}

/** What was escaped to be data is a text like any other from here on. */
function withoutEscapes(value: ConfigValue): ConfigValue {
  if (isList(value)) return value.map((item) => withoutEscapes(item));
  if (!(value instanceof ConfigMap)) return withoutEscape(value);
  const map = new ConfigMap();
  for (const [key, item] of value.entries()) map.set(withoutEscape(key), withoutEscapes(item));
  return map;
}

function withoutEscape(value: ConfigScalar): ConfigScalar {
  return value instanceof EscapedMissing ? value.text : value;
}

class TreeResolver {
  readonly #resolution: Resolution;
  readonly #watch: WatchedKey | null;
  #entry = '';
  #values = 0;

  constructor(resolution: Resolution, watch: WatchedKey | null) {
    this.#resolution = resolution;
    this.#watch = watch;
  }

  entry(child: ConfigNode): ConfigValue {
    this.#entry = pythonStr(child.key);
    return this.#node(child, 1, false, null);
  }

  container(container: ContainerNode, depth: number, watched: boolean): ConfigValue {
    if (!(container instanceof DictNode)) {
      return Array.from(container.children(), (item) => this.#node(item, depth + 1, watched, null));
    }
    const map = new ConfigMap();
    for (const child of container.children()) {
      map.set(child.key, this.#node(child, depth + 1, watched, child.key));
    }
    return map;
  }

  #node(node: ConfigNode, depth: number, watchedAbove: boolean, key: unknown): ConfigValue {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) {
      const limit = depth > MAX_DEPTH ? `${MAX_DEPTH} levels` : `${MAX_VALUES} values`;
      const message = `${placeOf(node)} grows beyond ${limit}.`;
      throw new ConfigError('interpolation-failed', message);
    }
    const seenBefore = this.#resolution.watchedSeen;
    this.#resolution.watchedSeen = false;
    const resolved = this.#resolution.dereference(node);
    const watched = watchedAbove || this.#resolution.watchedSeen;
    this.#resolution.watchedSeen ||= seenBefore;
    if (watched && this.#watch !== null && key === this.#watch.key) {
      throw this.#watch.refuse(this.#entry);
    }
    return isContainer(resolved) ? this.container(resolved, depth, watched) : resolved;
  }
}
