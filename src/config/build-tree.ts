import { ConfigError } from './config-error.ts';
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  ListNode,
  pathOf,
  placeIn,
  ScalarNode,
} from './config-node.ts';
import {
  type ConfigScalar,
  type ConfigValue,
  ConfigMap,
  decodeMissing,
  EscapedMissing,
  isList,
  isMissingSpelling,
  MAX_DEPTH,
  OpaqueValue,
} from './config-value.ts';
import { parseExpression } from './interpolation-parser.ts';

export interface NodeOptions {
  /** Texts are data: `${` and `???` in them mean nothing. */
  readonly literal?: boolean;
}

/** Makes the tree for a mapping; the place names what is wrong in errors. */
export function createTree(map: ConfigMap, origin: string, options: NodeOptions = {}): DictNode {
  const root = new DictNode(origin);
  fillDict(root, map, options, 1);
  return root;
}

/** Makes a container that hangs below a place without being one of its children. */
export function createContainer(
  value: ConfigMap | readonly ConfigValue[],
  parent: ContainerNode,
  { literal = false, origin = parent.origin }: NodeOptions & { readonly origin?: string } = {},
): ContainerNode {
  const node = putValue(new ListNode(origin), 0n, value, { literal });
  if (!isContainer(node)) throw new Error('A mapping or list became a scalar.');
  node.parent = parent;
  return node;
}

/** Makes the container for a mapping or list and puts it into its place. */
export function putContainer(
  parent: ContainerNode,
  key: ConfigScalar,
  value: ConfigMap | readonly ConfigValue[],
): ContainerNode {
  const node = putValue(parent, key, value);
  if (!isContainer(node)) throw new Error('A mapping or list became a scalar.');
  return node;
}

/** Makes the node for a value and puts it into its place. */
export function putValue(
  parent: ContainerNode,
  key: ConfigScalar,
  value: ConfigValue,
  options: NodeOptions = {},
): ConfigNode {
  return put(parent, key, value, options, 1);
}

function put(
  parent: ContainerNode,
  key: ConfigScalar,
  value: ConfigValue,
  options: NodeOptions,
  depth: number,
): ConfigNode {
  if (depth > MAX_DEPTH) {
    const message = `${placeIn(parent, key)} is nested deeper than ${MAX_DEPTH} levels.`;
    throw new ConfigError('config-too-deep', message);
  }
  if (value instanceof ConfigMap) {
    const node = new DictNode(parent.origin);
    attach(parent, key, node);
    fillDict(node, value, options, depth + 1);
    return node;
  }
  if (isList(value)) {
    const node = new ListNode(parent.origin);
    attach(parent, key, node);
    for (const item of value) {
      put(node, BigInt(node.size), item, options, depth + 1);
    }
    return node;
  }
  const node = createScalar(value, parent, key, options);
  attach(parent, key, node);
  return node;
}

function fillDict(node: DictNode, map: ConfigMap, options: NodeOptions, depth: number): void {
  for (const [key, value] of map.entries()) {
    if (key === null || key instanceof Uint8Array) {
      const message = `A key in ${pathOf(node) || 'the file'} (${node.origin}) is null or binary: quote it.`;
      throw new ConfigError('config-key-ambiguous', message);
    }
    put(node, key, value, options, depth);
  }
}

function createScalar(
  raw: ConfigScalar,
  parent: ContainerNode,
  key: ConfigScalar,
  { literal = false }: NodeOptions,
): ScalarNode {
  if (raw instanceof OpaqueValue) {
    const message = `${placeIn(parent, key)} holds an object that configuration has no kind for.`;
    throw new ConfigError('config-value-unsupported', message);
  }
  if (literal && typeof raw === 'string') {
    const value = isMissingSpelling(raw) ? new EscapedMissing(raw) : raw;
    return new ScalarNode(value, null, parent.origin);
  }
  const value = decodeMissing(raw);
  if (typeof value !== 'string' || !value.includes('${')) {
    return new ScalarNode(value, null, parent.origin);
  }
  try {
    return new ScalarNode(value, parseExpression(value), parent.origin);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = `${placeIn(parent, key)} is no valid interpolation: ${error.message}.`;
    throw new ConfigError(error.code, message);
  }
}

function attach(parent: ContainerNode, key: ConfigScalar, node: ConfigNode): void {
  if (parent instanceof ListNode) parent.set(Number(key), node);
  else parent.set(key, node);
}
