import { ConfigError } from './config-error.ts';
import { type ConfigScalar, type ConfigValue, ConfigMap, keyId, MISSING } from './config-value.ts';
import type { Expression } from './interpolation.ts';
import { parsePythonInt } from './key-path.ts';
import { pythonStr } from './python-text.ts';

export type ConfigNode = ScalarNode | ContainerNode;
export type ContainerNode = DictNode | ListNode;

/** Origin of the tree of runtime parameters, and of what is made of them. */
export const RUNTIME_PARAMS = 'runtime parameters';

/** A place in a tree of configuration. `origin` is the file it was read from, for messages. */
abstract class BaseNode {
  parent: ContainerNode | null = null;
  key: ConfigScalar = null;
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }
}

export class ScalarNode extends BaseNode {
  /** The text itself where it holds interpolations. */
  readonly value: ConfigScalar;
  readonly expression: Expression | null;

  constructor(value: ConfigScalar, expression: Expression | null, origin: string) {
    super(origin);
    this.value = value;
    this.expression = expression;
  }

  get isMissing(): boolean {
    return this.value === MISSING;
  }

  copy(): ScalarNode {
    return new ScalarNode(this.value, this.expression, this.origin);
  }
}

export class DictNode extends BaseNode {
  readonly #children = new Map<string, ConfigNode>();

  children(): IterableIterator<ConfigNode> {
    return this.#children.values();
  }

  get(key: ConfigScalar): ConfigNode | undefined {
    return this.#children.get(keyId(key));
  }

  /** The child that a key path means: a number also finds a key that is an int. */
  find(key: string): ConfigNode | undefined {
    const child = this.#children.get(`s${key}`);
    if (child !== undefined) return child;
    const number = parsePythonInt(key);
    const numbered = number === undefined ? undefined : this.#children.get(`n${number}`);
    return typeof numbered?.key === 'bigint' ? numbered : undefined;
  }

  set(key: ConfigScalar, node: ConfigNode): void {
    this.#refuseAmbiguous(key);
    node.parent = this;
    node.key = key;
    this.#children.set(keyId(key), node);
  }

  copy(): DictNode {
    const copy = new DictNode(this.origin);
    for (const child of this.children()) copy.set(child.key, child.copy());
    return copy;
  }

  #refuseAmbiguous(key: ConfigScalar): void {
    const number = typeof key === 'string' ? parsePythonInt(key) : undefined;
    const asNumber = number !== undefined && String(number) === key ? this.get(number) : undefined;
    const asText = typeof key === 'bigint' ? this.get(String(key)) : undefined;
    if (typeof asNumber?.key !== 'bigint' && asText === undefined) return;
    throw new ConfigError(
      'config-key-ambiguous',
      `${placeIn(this, key)} is there as a number and as a text: quote both, or neither.`,
    );
  }
}

export class ListNode extends BaseNode {
  readonly #items: ConfigNode[] = [];

  get size(): number {
    return this.#items.length;
  }

  children(): IterableIterator<ConfigNode> {
    return this.#items.values();
  }

  item(index: number): ConfigNode | undefined {
    return this.#items[index];
  }

  push(node: ConfigNode): void {
    this.set(this.#items.length, node);
  }

  set(index: number, node: ConfigNode): void {
    node.parent = this;
    node.key = BigInt(index);
    this.#items[index] = node;
  }

  clear(): void {
    this.#items.length = 0;
  }

  copy(): ListNode {
    const copy = new ListNode(this.origin);
    for (const item of this.#items) copy.push(item.copy());
    return copy;
  }
}

export function isContainer(value: unknown): value is ContainerNode {
  return value instanceof DictNode || value instanceof ListNode;
}

export function rootOf(container: ContainerNode): ContainerNode {
  let root = container;
  while (root.parent !== null) root = root.parent;
  return root;
}

/** As OmegaConf writes it: `model.steps[0].lr`. */
export function pathOf(place: ConfigNode): string {
  let text = '';
  for (let node = place; node.parent !== null; node = node.parent) {
    const key = pythonStr(node.key);
    const rest = text === '' || text.startsWith('[') ? text : `.${text}`;
    text = node.parent instanceof ListNode ? `[${key}]${rest}` : `${key}${rest}`;
  }
  return text;
}

/** Where a node stands and where it was read, for messages: `"model.lr" (base/parameters.yml)`. */
export function placeOf(node: ConfigNode): string {
  return `"${pathOf(node)}" (${node.origin})`;
}

/** The same for a node that is not there yet. */
export function placeIn(parent: ContainerNode, key: ConfigScalar): string {
  const node = new ScalarNode(null, null, parent.origin);
  node.parent = parent;
  node.key = key;
  return placeOf(node);
}

/** The value of a node as it is written: interpolations stay texts. */
export function rawValue(node: ConfigNode): ConfigValue {
  if (node instanceof ScalarNode) return node.value;
  if (node instanceof DictNode) return rawMap(node);
  return Array.from(node.children(), (item) => rawValue(item));
}

export function rawMap(node: DictNode): ConfigMap {
  const map = new ConfigMap();
  for (const child of node.children()) map.set(child.key, rawValue(child));
  return map;
}
