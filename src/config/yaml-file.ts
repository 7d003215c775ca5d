import { ConfigError } from './config-error.ts';
import { type ConfigValue, ConfigMap } from './config-value.ts';
import { composeYaml } from './yaml-compose.ts';
import { constructYaml } from './yaml-construct.ts';
import { DEFAULT_MAX_NODES, refuseExpansion } from './yaml-node.ts';

/**
 * Reads a YAML 1.1 or JSON text as OmegaConf's loader does. `maxNodes` limits what aliases make
 * of it; null lifts the limit. Throws `ConfigError` that names the line, never the text there.
 */
export function readYaml(text: string, maxNodes: number | null = DEFAULT_MAX_NODES): ConfigValue {
  const root = composeYaml(text);
  if (root === null) return null;
  refuseExpansion(root, maxNodes);
  return constructYaml(root);
}

/**
 * Reads a configuration file, which must hold a mapping. Empty means an empty mapping; a text
 * alone is read once more, and is then a key without a value.
 */
export function readYamlFile(text: string, maxNodes: number | null = DEFAULT_MAX_NODES): ConfigMap {
  const value = readYaml(text, maxNodes);
  return toMapping(typeof value === 'string' ? readYaml(value, maxNodes) : value);
}

/** The mapping that a value is, or stands for. Throws `ConfigError` when it is something else. */
export function toMapping(value: ConfigValue): ConfigMap {
  if (value instanceof ConfigMap) return value;
  const map = new ConfigMap();
  if (value === null) return map;
  if (typeof value === 'string') {
    map.set(value, null);
    return map;
  }
  throw new ConfigError('config-not-mapping', 'it holds no mapping at its top');
}
