import { BlockedPathError, ConfigError, isInterpolationError } from './config-error.ts';
import {
  type ConfigNode,
  type ContainerNode,
  isContainer,
  placeOf,
  rawValue,
  ScalarNode,
} from './config-node.ts';
import {
  type ConfigValue,
  ConfigMap,
  decodeMissing,
  EscapedMissing,
  isMissingSpelling,
  MAX_DEPTH,
  MISSING,
  textOf,
} from './config-value.ts';
import {
  type Element,
  type Expression,
  type Interpolation,
  type NodeReference,
  referenceText,
  type ResolverCall,
  type TextPart,
} from './interpolation.ts';
import { filledPlace } from '../names/leads-out.ts';
import { splitKey } from './key-path.ts';
import { pythonStr } from './python-text.ts';
import { resolveBelow } from './resolved-tree.ts';
import type { Resolved, Resolver } from './resolver.ts';
import { ancestorAt, childAt } from './tree-path.ts';

/** Characters that one interpolated text may come to. */
const MAX_TEXT_LENGTH = 10_000_000;

export interface ResolutionOptions {
  readonly resolvers: ReadonlyMap<string, Resolver>;
  /** Origin of values that must be known again wherever they end up. */
  readonly watchedOrigin?: string;
  /** Off while the tree is being changed in place. */
  readonly keepResults?: boolean;
  /** Texts of the watched origin are data, also to resolvers. */
  readonly watchedIsData?: boolean;
  /** Messages name no value: what a resolver said is left out. */
  readonly secret?: boolean;
}

interface Outcome {
  readonly resolved: Resolved;
  readonly watched: ConfigNode | null;
  readonly neutral: string | null;
}

/** Resolves the interpolations of one tree, each text once. */
export class Resolution {
  /** A value of the watched origin that has come in since this was last set to null. */
  watchedSeen: ConfigNode | null = null;
  #neutral: string | null = null;
  readonly #options: ResolutionOptions;
  readonly #results = new Map<ScalarNode, Outcome>();
  readonly #active = new Set<ScalarNode>();

  constructor(options: ResolutionOptions) {
    this.#options = options;
  }

  /**
   * The value that a node stands for. Throws `ConfigError` that names the place of the
   * text that failed.
   */
  dereference(node: ConfigNode): Resolved {
    const isWatched = this.#watch(node);
    this.#neutral = null;
    if (!(node instanceof ScalarNode)) return node;
    const { expression, parent } = node;
    if (expression === null) {
      this.#neutral = isWatched ? null : (textOf(node.value) ?? null);
      return node.value;
    }
    if (parent === null) throw new Error('A text with interpolations stands in no container.');
    const kept = this.#results.get(node);
    if (kept !== undefined) {
      this.watchedSeen ??= kept.watched;
      this.#neutral = kept.neutral;
      return kept.resolved;
    }
    const seenBefore = this.watchedSeen;
    this.watchedSeen = null;
    const resolved = this.#guarded(node, () => this.#evaluateText(expression, parent));
    if (this.#options.keepResults !== false) {
      const { watchedSeen: watched } = this;
      this.#results.set(node, { resolved, watched, neutral: this.#neutral });
    }
    this.watchedSeen ??= seenBefore;
    return resolved;
  }

  /**
   * The text that was dereferenced last, with `filledPlace` where what came from the watched
   * origin is.
   */
  get neutralText(): string {
    return this.#neutral ?? filledPlace;
  }

  /** Whether something of the watched origin has come in, and is not to be read as configuration. */
  get seesData(): boolean {
    return this.watchedSeen !== null && this.#options.watchedIsData === true;
  }

  /** The container that a node stands for, or undefined when it is none or cannot be resolved. */
  containerAt(node: ConfigNode): ContainerNode | undefined {
    try {
      const resolved = this.dereference(node);
      return isContainer(resolved) ? resolved : undefined;
    } catch (error) {
      if (isInterpolationError(error)) return undefined;
      throw error;
    }
  }

  /**
   * What lies at a key path, or undefined when there is nothing. A missing value on the way
   * counts as nothing, or is an error where `refuseMissing` says so.
   */
  select(
    start: ContainerNode,
    keys: readonly string[],
    refuseMissing: boolean,
  ): Resolved | undefined {
    let place: Resolved = start;
    for (const [index, key] of keys.entries()) {
      if (!isContainer(place)) {
        const parent = keys.slice(0, index).join('.');
        const message = `"${parent}" is no mapping or list and cannot hold "${key}"`;
        throw new BlockedPathError(message);
      }
      const child: ConfigNode | undefined = childAt(place, key);
      if (child === undefined) return undefined;
      if (child instanceof ScalarNode && child.isMissing) {
        if (!refuseMissing && index === keys.length - 1) return undefined;
        if (refuseMissing) throw toMissing(`"${keys.slice(0, index + 1).join('.')}" is "???"`);
      }
      place = this.dereference(child);
    }
    return place;
  }

  /** The plain value of an argument or a result: what lies below a container is resolved. */
  toValue(resolved: Resolved): ConfigValue {
    return isContainer(resolved) ? resolveBelow(resolved, this) : resolved;
  }

  /** Evaluates what `oc.decode` read as if it stood in the container. */
  evaluateElement(element: Element, container: ContainerNode): Resolved {
    switch (element.kind) {
      case 'literal':
        return element.value;
      case 'interpolation':
        return this.#evaluate(element.interpolation, container);
      case 'text':
        return this.#join(element.parts, container);
      case 'list':
        return element.items.map((item) => this.toValue(this.evaluateElement(item, container)));
      case 'map': {
        const map = new ConfigMap();
        for (const [key, item] of element.entries) {
          map.set(key, this.toValue(this.evaluateElement(item, container)));
        }
        return map;
      }
    }
  }

  #guarded(node: ScalarNode, evaluate: () => Resolved): Resolved {
    const place = placeOf(node);
    if (this.#active.has(node)) {
      throw unresolved(`${place} refers to itself; take one reference out of the circle.`);
    }
    if (this.#active.size >= MAX_DEPTH) {
      throw unresolved(`${place} ends a chain of more than ${MAX_DEPTH} references.`);
    }
    this.#active.add(node);
    try {
      return evaluate();
    } catch (error) {
      throw this.#placed(place, error);
    } finally {
      this.#active.delete(node);
    }
  }

  /** Kedro's rule: what is no interpolation error becomes one, and keeps its cause. */
  #placed(place: string, error: unknown): ConfigError {
    if (error instanceof PlacedError) return error;
    if (error instanceof ConfigError) {
      const code = isInterpolationError(error) ? error.code : 'interpolation-failed';
      return new PlacedError(code, `${place} cannot be resolved: ${withoutStop(error.message)}.`);
    }
    const name = error instanceof Error ? error.name : typeof error;
    const said = error instanceof Error && !this.#options.secret ? `: ${error.message}` : '';
    const cause = this.#options.secret ? undefined : { cause: error };
    const message = `${place} cannot be resolved: a resolver threw ${name}${said}`;
    return new PlacedError('interpolation-failed', message, cause);
  }

  #evaluateText({ parts }: Expression, container: ContainerNode): Resolved {
    const [first] = parts;
    const whole = parts.length === 1 && first !== undefined && typeof first !== 'string';
    const resolved = whole ? this.#evaluate(first, container) : this.#join(parts, container);
    return isContainer(resolved) ? resolved : refuseMissingMark(decodeMissing(resolved));
  }

  #join(parts: readonly TextPart[], container: ContainerNode): string | EscapedMissing {
    let text = '';
    let neutral = '';
    let escaped = false;
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        neutral += part;
      } else {
        const seenBefore = this.watchedSeen;
        this.watchedSeen = null;
        const resolved = this.#evaluate(part, container);
        escaped ||= resolved instanceof EscapedMissing || this.seesData;
        const filled = pythonStr(isContainer(resolved) ? rawValue(resolved) : resolved);
        text += filled;
        neutral += this.watchedSeen === null ? filled : this.neutralText;
        this.watchedSeen ??= seenBefore;
      }
      if (text.length > MAX_TEXT_LENGTH) {
        throw unresolved(`the text grows beyond ${MAX_TEXT_LENGTH} characters`);
      }
    }
    this.#neutral = neutral;
    return escaped && isMissingSpelling(text) ? new EscapedMissing(text) : text;
  }

  #evaluate(interpolation: Interpolation, container: ContainerNode): Resolved {
    return interpolation.kind === 'reference'
      ? this.#follow(interpolation, container)
      : this.#call(interpolation, container);
  }

  #call({ name, args }: ResolverCall, container: ContainerNode): Resolved {
    const seenBefore = this.watchedSeen;
    this.watchedSeen = null;
    const fullName = name
      .map((part) => {
        if (typeof part === 'string') return part;
        const text = textOf(this.#evaluate(part, container));
        if (text === undefined) throw unresolved("a resolver's name must be a text");
        return text;
      })
      .join('.');
    if (this.seesData) throw unresolved('runtime parameters must not choose a resolver');
    const values = args.map((arg) => this.evaluateElement(arg, container));
    const isWritten =
      name.every((part) => typeof part === 'string') &&
      args.every(({ kind }) => kind === 'literal');
    return this.#discreetly(isWritten ? null : 'a resolver fails', () => {
      const resolver = this.#options.resolvers.get(fullName);
      if (resolver === undefined) {
        const message = `there is no resolver "${fullName}" here`;
        throw new ConfigError('resolver-unknown', message);
      }
      const result = resolver(values, container);
      this.watchedSeen ??= seenBefore;
      // What a resolver makes of its arguments is theirs.
      this.#neutral = null;
      return isContainer(result) ? result : refuseMissingMark(decodeMissing(result));
    });
  }

  /** Among secrets, says no more than `instead` where a message may repeat a resolved value. */
  #discreetly<T>(instead: string | null, act: () => T): T {
    try {
      return act();
    } catch (error) {
      const isTold = instead === null || this.#options.secret !== true;
      if (isTold || error instanceof PlacedError || !(error instanceof ConfigError)) throw error;
      throw new ConfigError(error.code, instead);
    }
  }

  #follow(reference: NodeReference, container: ContainerNode): Resolved {
    let { dots } = reference;
    const keys: string[] = [];
    for (const [index, { key, inBrackets }] of reference.keys.entries()) {
      if (index > 0 && !inBrackets && keys.length === 0) dots++;
      if (typeof key === 'string') {
        keys.push(key);
        continue;
      }
      const text = this.#keyText(key, container);
      const leading =
        keys.length === 0 && !inBrackets ? text.length - text.replace(/^\.+/, '').length : 0;
      dots += leading;
      const split = splitKey(inBrackets ? `[${text}]` : text);
      if (leading < text.length || text === '') keys.push(...split.slice(leading));
    }
    const written = referenceText(reference);
    const start = ancestorAt(container, dots);
    const found = this.#discreetly(`${written} cannot be followed`, () =>
      start === null ? undefined : this.select(start, keys, true),
    );
    if (found === undefined) {
      throw new ConfigError('interpolation-key-missing', `${written} is not there`);
    }
    for (let up: ContainerNode | null = container; up !== null; up = up.parent) {
      if (up === found) throw unresolved(`${written} is what it stands in`);
    }
    return found;
  }

  #keyText(interpolation: Interpolation, container: ContainerNode): string {
    const resolved = this.#evaluate(interpolation, container);
    const text = typeof resolved === 'bigint' ? String(resolved) : textOf(resolved);
    if (text === undefined) throw unresolved('a key must be a text or a whole number');
    return text;
  }

  #watch(node: ConfigNode): boolean {
    if (node.origin !== this.#options.watchedOrigin) return false;
    this.watchedSeen = node;
    return true;
  }
}

/** An error that names the place of the text already. */
class PlacedError extends ConfigError {}

function unresolved(message: string): ConfigError {
  return new ConfigError('interpolation-failed', message);
}

function toMissing(message: string): ConfigError {
  return new ConfigError('interpolation-value-missing', message);
}

function refuseMissingMark<T>(value: T): T {
  if (value === MISSING) throw toMissing('it comes to "???", which stands for a missing value');
  return value;
}

function withoutStop(message: string): string {
  return message.endsWith('.') ? message.slice(0, -1) : message;
}
