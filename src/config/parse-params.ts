import { ConfigError } from './config-error.ts';
import { createContainer, putContainer, putValue } from './build-tree.ts';
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  ListNode,
  placeIn,
  rawMap,
  ScalarNode,
} from './config-node.ts';
import {
  type ConfigScalar,
  type ConfigValue,
  ConfigMap,
  isList,
  MAX_DEPTH,
} from './config-value.ts';
import { findEquals, parsePythonInt, splitKey } from './key-path.ts';
import { mergeContainers } from './merge.ts';
import { toPlainObject } from './plain-value.ts';
import { Resolution } from './resolution.ts';
import { readYaml } from './yaml-file.ts';

/**
 * Reads what `kedro run --params` takes: `version=02,model.lr=0.01` is
 * `{ version: 2, model: { lr: 0.01 } }`. Values are YAML 1.1 and hold no commas; keys are paths
 * (`a.b`, `a[0]`, `a\.b` for a dot in a key). Throws `ConfigError` for what Kedro refuses.
 */
export function parseParams(text: string): Record<string, unknown> {
  return toPlainObject(readParams(text));
}

/** The same, before it is JavaScript: whole numbers and floats are still apart. */
export function readParams(text: string): ConfigMap {
  const root = new DictNode('params');
  const resolution = new Resolution({ resolvers: new Map() });
  for (const part of text.split(',')) {
    const item = part.trim();
    if (item === '') continue;
    const { keys, value } = splitItem(item, text);
    assign(root, keys, value, resolution);
  }
  return rawMap(root);
}

interface Assignment {
  readonly keys: readonly string[];
  readonly value: ConfigValue;
}

function splitItem(item: string, text: string): Assignment {
  const [key = ''] = item.split('=', 1);
  const entry = `${key.trim()}${item.slice(key.length)}`;
  const equals = findEquals(entry);
  const keys = splitKey(equals < 0 ? entry : entry.slice(0, equals));
  if (key.trim() === '' || key === item || keys.length === 0) {
    const message = `Invalid 'params' value: '${text}'. Expected comma-separated key=value pairs, e.g. 'version=02,model.lr=0.01'. Values must not contain commas.`;
    throw new ConfigError('params-invalid', message);
  }
  return { keys, value: equals < 0 ? null : readYaml(entry.slice(equals + 1)) };
}

/** As `OmegaConf.update` does: a single value that is in the way becomes a mapping. */
function assign(
  root: DictNode,
  keys: readonly string[],
  value: ConfigValue,
  resolution: Resolution,
): void {
  let container: ContainerNode = root;
  for (const key of keys.slice(0, -1)) {
    const slot = findSlot(container, key);
    const next = follow(container, slot, resolution);
    container = next ?? putContainer(container, slot, new ConfigMap());
  }
  refuseDepth(container);
  const slot = findSlot(container, keys.at(-1) ?? '');
  const current = nodeAt(container, slot);
  if (isContainer(current) && (value instanceof ConfigMap || isList(value))) {
    mergeContainers(current, createContainer(value, container), resolution);
  } else {
    putValue(container, slot, value);
  }
}

function refuseDepth(container: ContainerNode): void {
  let depth = 0;
  for (let place = container.parent; place !== null; place = place.parent) depth++;
  if (depth <= MAX_DEPTH) return;
  const message = `Invalid 'params' value: it nests deeper than ${MAX_DEPTH} levels.`;
  throw new ConfigError('params-invalid', message);
}

/** The container in a slot, or the one that a reference in it names. */
function follow(
  container: ContainerNode,
  slot: ConfigScalar,
  resolution: Resolution,
): ContainerNode | undefined {
  const node = nodeAt(container, slot);
  if (!(node instanceof ScalarNode)) return node;
  const [part] = node.expression?.parts ?? [];
  if (part === undefined || typeof part === 'string' || part.kind !== 'reference') return undefined;
  const resolved = resolution.dereference(node);
  return isContainer(resolved) ? resolved : undefined;
}

function findSlot(container: ContainerNode, key: string): ConfigScalar {
  if (container instanceof DictNode) return container.find(key)?.key ?? key;
  const index = parsePythonInt(key);
  const slot = index !== undefined && index < 0n ? index + BigInt(container.size) : index;
  if (slot !== undefined && slot >= 0n && slot < container.size) return slot;
  throw new ConfigError('params-invalid', `${placeIn(container, key)} is no place in a list.`);
}

function nodeAt(container: ContainerNode, slot: ConfigScalar): ConfigNode | undefined {
  return container instanceof ListNode ? container.item(Number(slot)) : container.get(slot);
}
