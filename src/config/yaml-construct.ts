import { ConfigError } from './config-error.ts';
import {
  type ConfigScalar,
  type ConfigValue,
  ConfigMap,
  isList,
  OpaqueValue,
} from './config-value.ts';
import type { YamlMapping, YamlNode, YamlPair, YamlScalar, YamlSequence } from './yaml-node.ts';
import { constructScalar, plainTag, type ScalarTag } from './yaml-scalar.ts';

const PREFIX = 'tag:yaml.org,2002:';
const SCALAR_TAGS = [
  'str',
  'int',
  'float',
  'bool',
  'null',
  'binary',
] as const satisfies ScalarTag[];

/** Makes the value of a node as OmegaConf's PyYAML loader does. Throws `ConfigError`. */
export function constructYaml(root: YamlNode): ConfigValue {
  return new Constructor().value(root);
}

class Constructor {
  readonly #values = new Map<YamlNode, ConfigValue>();

  /** A node that several aliases name is made once: its merge keys are replaced only once. */
  value(node: YamlNode): ConfigValue {
    let value = this.#values.get(node);
    if (value === undefined) {
      value = this.#construct(node);
      this.#values.set(node, value);
    }
    return value;
  }

  #construct(node: YamlNode): ConfigValue {
    const name = tagName(node);
    if (node.kind === 'scalar' && isScalarTag(name)) return scalarValue(node, name);
    if (node.kind === 'sequence' && name === 'seq') return this.#list(node);
    if (node.kind === 'sequence' && (name === 'omap' || name === 'pairs')) return this.#pairs(node);
    if (node.kind === 'mapping' && name === 'map') return this.#map(node);
    if (node.kind === 'mapping' && name === 'set') return new OpaqueValue(this.#map(node));
    if (node.kind === 'scalar' && name === 'timestamp') return new OpaqueValue(node.text);
    const message = `the tag ${node.tag ?? name} at ${node.place} cannot be used here`;
    throw new ConfigError('yaml-value-invalid', message);
  }

  #list(node: YamlSequence): ConfigValue {
    return node.items.map((item) => this.value(item));
  }

  #map(node: YamlMapping): ConfigMap {
    bringIn(node);
    const map = new ConfigMap();
    for (const [keyNode, valueNode] of node.pairs) {
      map.set(this.#key(keyNode), this.value(valueNode));
    }
    return map;
  }

  #key(node: YamlNode): ConfigScalar {
    const key = this.value(node);
    if (key instanceof ConfigMap || isList(key)) {
      throw new ConfigError(
        'yaml-value-invalid',
        `a key that is a list or a mapping at ${node.place}`,
      );
    }
    return key;
  }

  #pairs(node: YamlSequence): ConfigValue {
    return node.items.map((item) => {
      const [pair, second] = item.kind === 'mapping' ? item.pairs : [];
      if (pair === undefined || second !== undefined) {
        throw new ConfigError(
          'yaml-value-invalid',
          `a mapping of one key must stand at ${item.place}`,
        );
      }
      return [this.value(pair[0]), this.value(pair[1])];
    });
  }
}

/**
 * Replaces merge keys by the pairs they bring in, which the mapping's own keys override. A text
 * key that is there twice is refused, also one that two merged mappings brought in before.
 */
function bringIn(node: YamlMapping): void {
  const own = new Set<string>();
  for (const [key] of node.pairs) {
    if (key.kind !== 'scalar' || tagName(key) !== 'str') continue;
    if (own.has(key.text)) {
      throw new ConfigError('yaml-value-invalid', `a key that is there twice at ${key.place}`);
    }
    own.add(key.text);
  }
  const brought: YamlPair[] = [];
  const kept: YamlPair[] = [];
  for (const pair of node.pairs) {
    const [key, value] = pair;
    if (tagName(key) === 'merge') brought.push(...pairsOf(value));
    else kept.push(tagName(key) === 'value' ? [asText(key), value] : pair);
  }
  const added = brought.filter(
    ([key]) => key.kind !== 'scalar' || tagName(key) !== 'str' || !own.has(key.text),
  );
  node.pairs = [...added, ...kept];
}

function pairsOf(node: YamlNode): readonly YamlPair[] {
  if (node.kind === 'mapping') {
    bringIn(node);
    return node.pairs;
  }
  if (node.kind === 'sequence') {
    const groups = node.items.map((item) => {
      if (item.kind === 'mapping') return pairsOf(item);
      throw new ConfigError(
        'yaml-value-invalid',
        `"<<" names something that is no mapping at ${item.place}`,
      );
    });
    return groups.toReversed().flat();
  }
  throw new ConfigError(
    'yaml-value-invalid',
    `"<<" names something that is no mapping at ${node.place}`,
  );
}

function asText(key: YamlNode): YamlNode {
  return key.kind === 'scalar' ? { ...key, plain: false } : key;
}

function scalarValue(node: YamlScalar, tag: ScalarTag): ConfigScalar {
  try {
    return constructScalar(tag, node.text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.code, `${error.message} at ${node.place}`);
  }
}

function isScalarTag(name: string): name is (typeof SCALAR_TAGS)[number] {
  return SCALAR_TAGS.some((tag) => tag === name);
}

function tagName(node: YamlNode): string {
  if (node.tag !== null)
    return node.tag.startsWith(PREFIX) ? node.tag.slice(PREFIX.length) : node.tag;
  switch (node.kind) {
    case 'scalar':
      return node.plain ? plainTag(node.text) : 'str';
    case 'sequence':
      return 'seq';
    case 'mapping':
      return 'map';
  }
}
