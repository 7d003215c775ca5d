import { ConfigError } from './config-error.ts';
import { readConfigFolder } from './config-files.ts';
import { createTree } from './build-tree.ts';
import { type DictNode, RUNTIME_PARAMS } from './config-node.ts';
import type { ConfigSource } from './config-source.ts';
import { ConfigMap } from './config-value.ts';
import { createResolution, type ResolutionContext } from './create-resolution.ts';
import { refuseDuplicateKeys } from './duplicate-keys.ts';
import type { Environment } from './kedro-resolvers.ts';
import { type MergeStrategy, overlay } from './overlay.ts';
import { fromPlain, toPlainObject } from './plain-value.ts';
import { resolveFolder } from './resolve-folder.ts';
import type { Watch } from './resolved-tree.ts';
import {
  type RuntimeEntries,
  type RuntimePlace,
  setEntriesOfRuntimeParams,
  watchCredentials,
  watchRuntimeValues,
} from './runtime-values.ts';
import type { CustomResolver } from './resolver.ts';
import { DEFAULT_MAX_NODES } from './yaml-node.ts';

export interface ConfigLoaderOptions {
  readonly source: ConfigSource;
  /** Environment laid over the base; without one, the default run environment. */
  readonly env?: string | null;
  readonly baseEnv?: string;
  readonly defaultRunEnv?: string;
  /** Plain values, or what `parseParams` or `parseParamsJson` read. */
  readonly runtimeParams?: Readonly<Record<string, unknown>> | null;
  /** Glob patterns by kind, beside Kedro's own kinds or in the place of one. */
  readonly patterns?: Readonly<Record<string, readonly string[]>>;
  /** How a kind's environment is laid over its base; destructive unless said otherwise. */
  readonly mergeStrategy?: Readonly<Record<string, MergeStrategy>>;
  /** By name. Kedro's and OmegaConf's own cannot be replaced, but for `oc.env`. */
  readonly customResolvers?: Readonly<Record<string, CustomResolver>>;
  /** Variables that `${oc.env:NAME}` finds, in credentials only. */
  readonly environment?: Environment;
  /** Refuses a catalog entry's `type`, at any depth, that comes from runtime parameters. */
  readonly restrictRuntimeParamsTypeSelection?: boolean;
  /**
   * Refuses a text of a catalog entry, at any depth, that runtime parameters make lead elsewhere:
   * by `..`, a root or a URL. Refuses credentials and SQL that come from them.
   */
  readonly restrictRuntimeParamsPaths?: boolean;
  /** Absolute folders and URLs that they may lead to nevertheless. */
  readonly runtimeParamRoots?: readonly string[];
  /** Runtime parameters come from strangers: `${` and `???` in them are data. */
  readonly literalRuntimeParams?: boolean;
}

export interface ConfigLoader {
  /**
   * Reads, merges and resolves one kind of configuration: `catalog`, `parameters`,
   * `credentials`, `globals`, or one that `patterns` names. Files are looked at anew each time,
   * and parsed again when their text has changed. The result is the caller's own; its objects
   * have no prototype. Throws `ConfigError`, named like Kedro's.
   */
  load(kind: string): Promise<Record<string, unknown>>;
}

const DEFAULT_PATTERNS: Readonly<Record<string, readonly string[]>> = {
  catalog: ['catalog*', 'catalog*/**', '**/catalog*'],
  parameters: ['parameters*', 'parameters*/**', '**/parameters*'],
  credentials: ['credentials*', 'credentials*/**', '**/credentials*'],
  globals: ['globals.yml'],
};

/** Loads configuration by the rules of Kedro's `OmegaConfigLoader`; see `docs/parity-config.md`. */
export function createConfigLoader(options: ConfigLoaderOptions): ConfigLoader {
  const patterns = new Map(Object.entries({ ...DEFAULT_PATTERNS, ...options.patterns }));
  return {
    load: async (kind) => {
      const globals = await loadGlobals(options, patterns, kind === 'globals');
      if (kind === 'globals') return toPlainObject(globals);
      const { config, entries } = await loadKind(options, patterns, kind, globals);
      const plain = toPlainObject(config);
      setEntriesOfRuntimeParams(plain, entries);
      return plain;
    },
  };
}

type Patterns = ReadonlyMap<string, readonly string[]>;

/** Other kinds do without globals where a folder is missing; its absence is theirs to report. */
async function loadGlobals(
  options: ConfigLoaderOptions,
  patterns: Patterns,
  required: boolean,
): Promise<ConfigMap> {
  try {
    return (await loadKind(options, patterns, 'globals', null)).config;
  } catch (error) {
    const missing = error instanceof ConfigError && error.code === 'config-missing';
    if (required || !missing) throw error;
    return new ConfigMap();
  }
}

interface LoadedKind {
  readonly config: ConfigMap;
  readonly entries: RuntimeEntries;
}

async function loadKind(
  options: ConfigLoaderOptions,
  allPatterns: Patterns,
  kind: string,
  globals: ConfigMap | null,
): Promise<LoadedKind> {
  const patterns = allPatterns.get(kind);
  if (patterns === undefined) {
    const message = `No patterns say which files hold "${kind}". Add them to the loader's patterns.`;
    throw new ConfigError('config-kind-unknown', message);
  }
  const { baseEnv = 'base', defaultRunEnv = 'local' } = options;
  const { env } = options;
  const runEnv = env === undefined || env === null || env === '' ? defaultRunEnv : env;
  const read = (folder: string) => readKind(options, kind, folder, patterns);
  const base = await read(baseEnv);
  const run = runEnv === baseEnv ? null : await read(runEnv);
  const context = createContext(options, kind, globals);
  const entries = new Map<string, RuntimePlace[]>();
  const watch = createWatch(options, kind, entries);
  const baseConfig = resolveFolder(base, context, watch);
  if (run === null) return { config: baseConfig, entries };
  const runConfig = resolveFolder(run, context, watch);
  if (base.size + run.size === 0 && kind !== 'globals') {
    const message = `No YAML or JSON files in "${baseEnv}" or "${runEnv}" match ${patterns.join(', ')}.`;
    throw new ConfigError('config-missing', message);
  }
  const strategy = options.mergeStrategy?.[kind] ?? 'destructive';
  const resolution = createResolution(context, { changesTree: true });
  const literal = context.literalRuntimeParams;
  return { config: overlay(baseConfig, runConfig, strategy, { resolution, literal }), entries };
}

function createWatch(
  options: ConfigLoaderOptions,
  kind: string,
  entries: Map<string, RuntimePlace[]>,
): Watch | null {
  const restrictsType = options.restrictRuntimeParamsTypeSelection === true;
  const restrictsPaths = options.restrictRuntimeParamsPaths === true;
  if (kind === 'credentials' && restrictsPaths) return watchCredentials();
  if (kind !== 'catalog' || !(restrictsType || restrictsPaths)) return null;
  const { runtimeParamRoots: roots = [] } = options;
  return watchRuntimeValues({ restrictsType, restrictsPaths, roots }, entries);
}

async function readKind(
  { source, environment }: ConfigLoaderOptions,
  kind: string,
  folder: string,
  patterns: readonly string[],
): Promise<ReadonlyMap<string, DictNode>> {
  const maxNodes = parseMaxNodes(environment?.['OMEGACONF_MAX_YAML_EXPANDED_NODES']);
  const files = await readConfigFolder(source, folder, { patterns, maxNodes });
  refuseDuplicateKeys(files, kind === 'parameters');
  return files;
}

function createContext(
  options: ConfigLoaderOptions,
  kind: string,
  globals: ConfigMap | null,
): ResolutionContext {
  const { customResolvers = {}, environment = {}, literalRuntimeParams = false } = options;
  const getGlobals = globals && once(() => createTree(globals, 'globals'));
  const getRuntimeParams = once(() => {
    const params = fromPlain(options.runtimeParams ?? {});
    if (!(params instanceof ConfigMap)) {
      throw new ConfigError('config-setting-invalid', 'Runtime parameters must be an object.');
    }
    return createTree(params, RUNTIME_PARAMS, { literal: literalRuntimeParams });
  });
  return {
    kind,
    globals: getGlobals,
    runtimeParams: getRuntimeParams,
    customResolvers,
    environment,
    literalRuntimeParams,
  };
}

/** OmegaConf's setting: a positive number, or `none`. */
function parseMaxNodes(text: string | undefined): number | null {
  if (text === undefined) return DEFAULT_MAX_NODES;
  if (text.trim().toLowerCase() === 'none') return null;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  const message = 'OMEGACONF_MAX_YAML_EXPANDED_NODES must be a positive number or "none".';
  throw new ConfigError('config-setting-invalid', message);
}

function once<T>(create: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: create() }).value;
}
