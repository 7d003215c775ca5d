import { ConfigError } from './config-error.ts';
import { createTree } from './build-tree.ts';
import { rawMap } from './config-node.ts';
import { ConfigMap } from './config-value.ts';
import { mergeTree } from './merge.ts';
import type { Resolution } from './resolution.ts';

export type MergeStrategy = 'soft' | 'destructive';

/**
 * Lays an environment's resolved configuration over the base's: `destructive` replaces whole
 * top-level entries, `soft` merges them at every level. Throws `ConfigError`.
 */
export function overlay(
  base: ConfigMap,
  env: ConfigMap,
  strategy: MergeStrategy,
  resolution: Resolution,
): ConfigMap {
  switch (strategy) {
    case 'destructive': {
      const merged = new ConfigMap();
      for (const config of [base, env]) {
        for (const [key, value] of config.entries()) merged.set(key, value);
      }
      return merged;
    }
    case 'soft': {
      const tree = createTree(base, 'the base environment');
      mergeTree(tree, createTree(env, 'the run environment'), resolution);
      return rawMap(tree);
    }
    default: {
      const message = `There is no merge strategy "${String(strategy)}": use "soft" or "destructive".`;
      throw new ConfigError('config-setting-invalid', message);
    }
  }
}
