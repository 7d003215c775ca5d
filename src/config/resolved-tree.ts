import { ConfigError } from './config-error.ts';
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  pathOf,
  placeOf,
  rootOf,
  RUNTIME_PARAMS,
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
import { filledPlace } from '../names/leads-out.ts';
import { keyText } from './plain-value.ts';
import { pythonStr } from './python-text.ts';
import type { Resolution } from './resolution.ts';

/** Values that one tree may come to when every reference is followed. */
const MAX_VALUES = 1_000_000;

/** The value of a container with all that lies below it resolved. */
export function resolveBelow(container: ContainerNode, resolution: Resolution): ConfigValue {
  return new TreeResolver(resolution, null).container(container, 0, null);
}

/** Looks at what comes from the resolution's watched origin; what it throws is thrown. */
export interface Watch {
  /** A value below the first level, with the entry of the first level that it is in. */
  see(value: WatchedValue): void;
}

export interface WatchedValue {
  readonly entry: string;
  /** Keys and indexes from the entry down. */
  readonly keys: readonly string[];
  /** Null where the value is no text. */
  readonly text: string | null;
  /** The text with `filledPlace` in the place of what came from the watched origin. */
  readonly neutral: string;
  /** Where in the tree of the watched origin it comes from; undefined where that is not known. */
  readonly source: string | undefined;
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
export function withoutEscapes(value: ConfigValue): ConfigValue {
  if (isList(value)) return value.map((item) => withoutEscapes(item));
  if (!(value instanceof ConfigMap)) return withoutEscape(value);
  const map = new ConfigMap();
  for (const [key, item] of value.entries()) map.set(withoutEscape(key), withoutEscapes(item));
  return map;
}

function withoutEscape(value: ConfigScalar): ConfigScalar {
  return value instanceof EscapedMissing ? value.text : value;
}

/** A node that a resolver made hangs below the configuration that asked for it. */
export function sourceOf(node: ConfigNode): string | undefined {
  const root = isContainer(node) ? rootOf(node) : node.parent && rootOf(node.parent);
  return root?.origin === RUNTIME_PARAMS ? pathOf(node) : undefined;
}

class TreeResolver {
  readonly #resolution: Resolution;
  readonly #watch: Watch | null;
  #entry = '';
  #keys: string[] = [];
  #values = 0;

  constructor(resolution: Resolution, watch: Watch | null) {
    this.#resolution = resolution;
    this.#watch = watch;
  }

  entry(child: ConfigNode): ConfigValue {
    this.#entry = pythonStr(child.key);
    this.#keys = [];
    return this.#node(child, 1, null);
  }

  container(container: ContainerNode, depth: number, watched: ConfigNode | null): ConfigValue {
    if (!(container instanceof DictNode)) {
      return Array.from(container.children(), (item) => this.#below(item, depth, watched));
    }
    const map = new ConfigMap();
    for (const child of container.children()) {
      map.set(child.key, this.#below(child, depth, watched));
    }
    return map;
  }

  #below(node: ConfigNode, depth: number, watched: ConfigNode | null): ConfigValue {
    if (this.#watch === null) return this.#node(node, depth + 1, watched);
    return this.#within(node.key, () => this.#node(node, depth + 1, watched));
  }

  #within<T>(key: ConfigScalar, act: () => T): T {
    this.#keys.push(keyText(key));
    const result = act();
    this.#keys.pop();
    return result;
  }

  /** Looks at a value that a resolver made, and at all that is in it. */
  #see(value: ConfigValue, neutral: string, source: string | undefined): void {
    const text = textOf(value) ?? null;
    this.#watch?.see({ entry: this.#entry, keys: this.#keys, text, neutral, source });
    if (isList(value)) {
      for (const [index, item] of value.entries()) {
        this.#within(BigInt(index), () => this.#see(item, filledPlace, source));
      }
    }
    if (!(value instanceof ConfigMap)) return;
    for (const [key, item] of value.entries()) {
      this.#within(key, () => this.#see(item, filledPlace, source));
    }
  }

  #node(node: ConfigNode, depth: number, watchedAbove: ConfigNode | null): ConfigValue {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) {
      const limit = depth > MAX_DEPTH ? `${MAX_DEPTH} levels` : `${MAX_VALUES} values`;
      const message = `${placeOf(node)} grows beyond ${limit}.`;
      throw new ConfigError('interpolation-failed', message);
    }
    const seenBefore = this.#resolution.watchedSeen;
    this.#resolution.watchedSeen = null;
    const resolved = this.#resolution.dereference(node);
    const watched = this.#resolution.watchedSeen ?? watchedAbove;
    this.#resolution.watchedSeen ??= seenBefore;
    if (watched !== null && this.#watch !== null) {
      const value = isContainer(resolved) ? null : resolved;
      this.#see(value, this.#resolution.neutralText, sourceOf(watched));
    }
    return isContainer(resolved) ? this.container(resolved, depth, watched) : resolved;
  }
}
