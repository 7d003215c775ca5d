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
  textOf,
} from './config-value.ts';
import { pythonStr } from './python-text.ts';
import type { Resolution } from './resolution.ts';

/** Values that one tree may come to when every reference is followed. */
const MAX_VALUES = 1_000_000;

/** The value of a container with all that lies below it resolved. */
export function resolveBelow(container: ContainerNode, resolution: Resolution): ConfigValue {
  return new TreeResolver(resolution, null).container(container, 0, false);
}

/** Looks at what comes from the resolution's watched origin; what it throws is thrown. */
export interface Watch {
  /** A value below the first level, with the entry of the first level that it is in. */
  see(value: WatchedValue): void;
}

export interface WatchedValue {
  readonly entry: string;
  /** Keys from the entry down; null in place of an index. */
  readonly keys: readonly unknown[];
  /** Null where the value itself is not of the watched origin, but something above it. */
  readonly text: string | null;
  /** The text with `_` in the place of what came from the watched origin. */
  readonly neutral: string;
}

/** The value of a whole tree. Throws `ConfigError`. */
export function resolveTree(
  root: DictNode,
  resolution: Resolution,
  watch: Watch | null = null,
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
  readonly #watch: Watch | null;
  #entry = '';
  #keys: unknown[] = [];
  #values = 0;

  constructor(resolution: Resolution, watch: Watch | null) {
    this.#resolution = resolution;
    this.#watch = watch;
  }

  entry(child: ConfigNode): ConfigValue {
    this.#entry = pythonStr(child.key);
    this.#keys = [];
    return this.#node(child, 1, false);
  }

  container(container: ContainerNode, depth: number, watched: boolean): ConfigValue {
    if (!(container instanceof DictNode)) {
      return Array.from(container.children(), (item) => this.#below(item, depth, watched, null));
    }
    const map = new ConfigMap();
    for (const child of container.children()) {
      map.set(child.key, this.#below(child, depth, watched, child.key));
    }
    return map;
  }

  #below(node: ConfigNode, depth: number, watched: boolean, key: unknown): ConfigValue {
    this.#keys.push(key);
    const value = this.#node(node, depth + 1, watched);
    this.#keys.pop();
    return value;
  }

  #node(node: ConfigNode, depth: number, watchedAbove: boolean): ConfigValue {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) {
      const limit = depth > MAX_DEPTH ? `${MAX_DEPTH} levels` : `${MAX_VALUES} values`;
      const message = `${placeOf(node)} grows beyond ${limit}.`;
      throw new ConfigError('interpolation-failed', message);
    }
    const seenBefore = this.#resolution.watchedSeen;
    this.#resolution.watchedSeen = false;
    const resolved = this.#resolution.dereference(node);
    const isWatched = this.#resolution.watchedSeen;
    const watched = watchedAbove || isWatched;
    this.#resolution.watchedSeen ||= seenBefore;
    if (watched && this.#watch !== null) {
      const text = isWatched && !isContainer(resolved) ? (textOf(resolved) ?? null) : null;
      const neutral = this.#resolution.neutralText;
      this.#watch.see({ entry: this.#entry, keys: this.#keys, text, neutral });
    }
    return isContainer(resolved) ? this.container(resolved, depth, watched) : resolved;
  }
}
