import { ConfigError } from './config-error.ts';
import { DictNode } from './config-node.ts';
import { type ConfigScalar, keyId, textOf } from './config-value.ts';
import { pythonStr } from './python-text.ts';

const MAX_NAMES_LENGTH = 100;

/**
 * Refuses a key that two files of one folder give: the whole path of it (`model.lr`) where `deep`,
 * else its first part. Keys that start with `_` may be there twice.
 */
export function refuseDuplicateKeys(files: ReadonlyMap<string, DictNode>, deep: boolean): void {
  const keysByFile = Array.from(files, ([path, root]) => [path, keysOf(root, deep)] as const);
  const faults: string[] = [];
  for (const [index, [path, keys]] of keysByFile.entries()) {
    for (const [otherPath, otherKeys] of keysByFile.slice(index + 1)) {
      const names = [...keys].filter(([id]) => otherKeys.has(id)).map(([, key]) => nameOf(key));
      const shared = names.filter((name) => !name.startsWith('_')).toSorted();
      if (shared.length === 0) continue;
      const list = shared.join(', ');
      const shown = list.length > MAX_NAMES_LENGTH ? `${list.slice(0, MAX_NAMES_LENGTH)}...` : list;
      faults.push(`Duplicate keys found in ${path} and ${otherPath}: ${shown}`);
    }
  }
  if (faults.length > 0) throw new ConfigError('config-keys-duplicate', faults.join('\n'));
}

function keysOf(root: DictNode, deep: boolean): ReadonlyMap<string, ConfigScalar> {
  const keys = new Map<string, ConfigScalar>();
  if (deep) addPaths(root, '', keys);
  else for (const { key } of root.children()) keys.set(keyId(key), key);
  return keys;
}

function addPaths(node: DictNode, above: ConfigScalar, keys: Map<string, ConfigScalar>): void {
  for (const child of node.children()) {
    const path = isTruthy(above) ? `${pythonStr(above)}.${pythonStr(child.key)}` : child.key;
    if (child instanceof DictNode) addPaths(child, path, keys);
    else keys.set(keyId(path), path);
  }
}

/** Kedro leaves out what Python takes for false: an empty key, and 0 or false at the top. */
function isTruthy(key: ConfigScalar): boolean {
  return Boolean(typeof key === 'object' ? textOf(key) : key);
}

/** Kedro asks every key that is there twice whether it starts with `_`, which only texts can say. */
function nameOf(key: ConfigScalar): string {
  const name = textOf(key);
  if (name !== undefined) return name;
  const message = `The key ${pythonStr(key)} is there twice and is no text: quote it.`;
  throw new ConfigError('config-key-not-text', message);
}
