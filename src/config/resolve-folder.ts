import { ConfigError } from './config-error.ts';
import { DictNode } from './config-node.ts';
import { ConfigMap, textOf } from './config-value.ts';
import { createResolution, type ResolutionContext } from './create-resolution.ts';
import { mergeTree } from './merge.ts';
import { pythonStr } from './python-text.ts';
import { resolveInPlace } from './resolve-in-place.ts';
import { resolveTree, type Watch } from './resolved-tree.ts';

/**
 * Merges the files of one environment and resolves them. Parameters take the runtime parameters
 * on top, where there are files at all; of other kinds the entries that start with `_` are
 * dropped. Throws `ConfigError`.
 */
export function resolveFolder(
  files: ReadonlyMap<string, DictNode>,
  context: ResolutionContext,
  watch: Watch | null,
): ConfigMap {
  const { kind } = context;
  if (files.size === 0) return new ConfigMap();
  const trees = [...files.values()];
  if (kind === 'credentials') {
    const resolution = createResolution(context, { asksEnvironment: true, changesTree: true });
    for (const tree of trees) resolveInPlace(tree, resolution, watch);
  }
  if (kind === 'parameters') trees.push(context.runtimeParams().copy());
  const root = new DictNode('');
  const merging = createResolution(context, { changesTree: true });
  for (const tree of trees) mergeTree(root, tree, merging);
  const config = resolveTree(root, createResolution(context), watch);
  return kind === 'parameters' ? config : withoutUnderscored(config);
}

function withoutUnderscored(config: ConfigMap): ConfigMap {
  const kept = new ConfigMap();
  for (const [key, value] of config.entries()) {
    const name = textOf(key);
    if (name === undefined) {
      const message = `The key ${pythonStr(key)} at the top is no text: quote it.`;
      throw new ConfigError('config-key-not-text', message);
    }
    if (!name.startsWith('_')) kept.set(name, value);
  }
  return kept;
}
