import { ConfigError } from './config-error.ts';
import { createTree } from './build-tree.ts';
import { rawMap } from './config-node.ts';
import { ConfigMap } from './config-value.ts';
import { mergeTree } from './merge.ts';
import type { Resolution } from './resolution.ts';
import { withoutEscapes } from './resolved-tree.ts';

export interface OverlayOptions {
  readonly resolution: Resolution;
  /** Texts are data, as they are where runtime parameters come from strangers. */
  readonly literal: boolean;
}

export type MergeStrategy = 'soft' | 'destructive';

/**
 * Lays an environment's resolved configuration over the base's: `destructive` replaces whole
 * top-level entries, `soft` merges them at every level. Throws `ConfigError`.
 */
export function overlay(
  base: ConfigMap,
  env: ConfigMap,
  strategy: MergeStrategy,
  { resolution, literal }: OverlayOptions,
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
      const tree = createTree(base, 'the base environment', { literal });
      mergeTree(tree, createTree(env, 'the run environment', { literal }), resolution);
      const merged = new ConfigMap();
      for (const [key, value] of rawMap(tree).entries()) merged.set(key, withoutEscapes(value));
      return merged;
    }
    default: {
      const message = `There is no merge strategy "${String(strategy)}": use "soft" or "destructive".`;
      throw new ConfigError('config-setting-invalid', message);
    }
  }
}
