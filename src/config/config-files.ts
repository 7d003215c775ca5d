import { ConfigError } from './config-error.ts';
import { createTree } from './build-tree.ts';
import type { DictNode } from './config-node.ts';
import type { ConfigSource } from './config-source.ts';
import type { ConfigMap } from './config-value.ts';
import { parseGlob } from './glob.ts';
import { readYamlFile } from './yaml-file.ts';

interface ParsedFile {
  readonly text: string;
  readonly maxNodes: number | null;
  readonly tree: DictNode;
}

export interface ReadOptions {
  readonly patterns: readonly string[];
  /** See `readYaml`. */
  readonly maxNodes: number | null;
}

/** Trees of files whose text has not changed, for all loaders of a source. */
const parsedBySource = new WeakMap<ConfigSource, Map<string, ParsedFile>>();

/**
 * Reads the files below a folder that one of the patterns means, in the order of their paths.
 * Hidden ones and those that are neither YAML nor JSON are left out. The trees are the caller's
 * own. Throws `ConfigError` when the folder is not there or a file cannot be read.
 */
export async function readConfigFolder(
  source: ConfigSource,
  folder: string,
  { patterns, maxNodes }: ReadOptions,
): Promise<Map<string, DictNode>> {
  const paths = await source.listFiles(folder);
  if (paths === null) {
    const place = source.place === undefined ? '' : ` in '${source.place}'`;
    const message = `There is no configuration folder "${folder}"${place}. Make it, or name another environment.`;
    throw new ConfigError('config-missing', message);
  }
  const matchers = patterns.map((pattern) => parseGlob(pattern));
  const start = folder === '' ? 0 : folder.length + 1;
  const chosen = paths.filter(
    (path) => isConfigFile(path) && matchers.some((matches) => matches(path.slice(start))),
  );
  const texts = await Promise.all(
    chosen.toSorted().map(async (path) => [path, await source.readText(path)] as const),
  );
  const parsed = parsedBySource.get(source) ?? new Map<string, ParsedFile>();
  parsedBySource.set(source, parsed);
  return new Map(texts.map(([path, text]) => [path, parseFile(parsed, path, text, maxNodes)]));
}

function parseFile(
  parsed: Map<string, ParsedFile>,
  path: string,
  text: string,
  maxNodes: number | null,
): DictNode {
  const known = parsed.get(path);
  if (known?.text === text && known.maxNodes === maxNodes) return known.tree.copy();
  parsed.delete(path);
  const tree = createTree(readMapping(path, text, maxNodes), path);
  parsed.set(path, { text, maxNodes, tree });
  return tree.copy();
}

function readMapping(path: string, text: string, maxNodes: number | null): ConfigMap {
  try {
    return readYamlFile(text, maxNodes);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = `The configuration file "${path}" cannot be read: ${error.message}.`;
    throw new ConfigError(error.code, message);
  }
}

function isConfigFile(path: string): boolean {
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  return /\.(?:yml|yaml|json)$/.test(name) && !segments.some((segment) => segment.startsWith('.'));
}
