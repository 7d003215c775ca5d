import { ConfigError } from './config-error.ts';

/** A node of a YAML file before values are made of it; an alias is the very node it names. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

interface YamlPlace {
  /** As written, with its handle resolved; null when there is none. */
  readonly tag: string | null;
  /** `line 3, column 5` */
  readonly place: string;
}

export interface YamlScalar extends YamlPlace {
  readonly kind: 'scalar';
  readonly text: string;
  readonly plain: boolean;
}

export interface YamlSequence extends YamlPlace {
  readonly kind: 'sequence';
  readonly items: YamlNode[];
}

export interface YamlMapping extends YamlPlace {
  readonly kind: 'mapping';
  /** Merge keys (`<<`) are replaced by what they bring in when values are made. */
  pairs: YamlPair[];
}

export type YamlPair = readonly [key: YamlNode, value: YamlNode];

/** OmegaConf's limits on what aliases may make of a file. */
export const DEFAULT_MAX_NODES = 10_000;
const FREE_NODES = 1_000;
const MAX_RATIO = 100;

/**
 * Refuses a file that aliases blow up: more nodes than `maxNodes` (null: any number), or more
 * than a hundred times those that are written. Throws `ConfigError`.
 */
export function refuseExpansion(root: YamlNode, maxNodes: number | null): void {
  if (maxNodes === null) return;
  const sizes = new Map<YamlNode, number>();
  const size = (node: YamlNode): number => {
    const known = sizes.get(node);
    if (known !== undefined) return known;
    let total = 1;
    for (const child of childrenOf(node)) total += size(child);
    sizes.set(node, total);
    return total;
  };
  const expanded = size(root);
  if (expanded > maxNodes) {
    const message = `it comes to more than ${maxNodes} nodes; split it, or raise OMEGACONF_MAX_YAML_EXPANDED_NODES`;
    throw new ConfigError('yaml-value-invalid', message);
  }
  if (expanded > FREE_NODES && expanded > sizes.size * MAX_RATIO) {
    const message = `its aliases make ${expanded} nodes of ${sizes.size}`;
    throw new ConfigError('yaml-value-invalid', message);
  }
}

function* childrenOf(node: YamlNode): Iterable<YamlNode> {
  if (node.kind === 'sequence') yield* node.items;
  if (node.kind === 'mapping') for (const pair of node.pairs) yield* pair;
}
