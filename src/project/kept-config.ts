import { ConfigError } from '../config/config-error.ts';
import { createConfigLoader } from '../config/config-loader.ts';
import type { ConfigSource } from '../config/config-source.ts';
import { createMemoryConfigSource } from '../config/memory-config-source.ts';
import { ConfigReading, type SeenFiles } from './config-reading.ts';
import type { ProjectDefinition } from './define-project.ts';

export type Config = Readonly<Record<string, unknown>>;

/** Runtime parameters; those with equal text are equal, however they were written. */
export interface RuntimeParams {
  readonly text: string;
  readonly values: Config;
}

/** A project's configuration as its files are at one moment. */
export interface CurrentConfig {
  /**
   * The configuration of a kind, frozen; the same object while nothing that it depends on has
   * changed. Throws `ConfigError`.
   */
  load(kind: string): Promise<Config>;
  /** The same, or null where no file has this kind. */
  find(kind: string): Promise<Config | null>;
  /** Whether a kind, which has been loaded, is the same with other runtime parameters. */
  isForAllParams(kind: string): boolean;
}

/** What runtime parameters may do. */
export interface ParamRules {
  /** All that they may do in Kedro's shell. */
  readonly isTrusted: boolean;
  /** Absolute folders and URLs that they may lead to, beside the project's folder. */
  readonly roots: readonly string[];
}

interface Kept {
  readonly config: Config | ConfigError;
  readonly seen: SeenFiles;
}

const maxKept = 64;

/**
 * Loads a project's configuration, and keeps what it has loaded as long as the files' texts (and
 * the runtime parameters, where they count) are the same. What asks the environment or a
 * resolver of the project is loaded each time.
 */
export class KeptConfig {
  readonly #definition: ProjectDefinition;
  readonly #params: ParamRules;
  readonly #source: ConfigSource;
  readonly #kept = new Map<string, Kept>();
  /** Kinds in which runtime parameters count, as far as they have been loaded. */
  readonly #theirs = new Set<string>();

  constructor(definition: ProjectDefinition, params: ParamRules) {
    this.#definition = definition;
    this.#params = params;
    this.#source = toConfigSource(definition);
  }

  /** Looks at the files anew. */
  read(params: RuntimeParams | null): CurrentConfig {
    const reading = new ConfigReading(this.#source);
    const load = async (kind: string): Promise<Config | ConfigError> => {
      for (const key of [anyParams(kind), theseParams(kind, params)]) {
        const kept = this.#kept.get(key);
        if (kept !== undefined && (await reading.isAsSeen(kept.seen))) {
          this.#keep(key, kept);
          return kept.config;
        }
      }
      const seen: SeenFiles = { folders: new Map(), texts: new Map() };
      const config = await this.#load(kind, reading.noting(seen), params);
      const isTheirs = kind === 'parameters' || mentions(seen, 'runtime_params');
      if (isTheirs) this.#theirs.add(kind);
      else this.#theirs.delete(kind);
      if (this.#isPure(seen)) {
        this.#keep(isTheirs ? theseParams(kind, params) : anyParams(kind), { config, seen });
      }
      return config;
    };
    return {
      load: async (kind) => {
        const config = await load(kind);
        if (config instanceof ConfigError) throw config;
        return config;
      },
      find: async (kind) => {
        const config = await load(kind);
        return config instanceof ConfigError ? null : config;
      },
      isForAllParams: (kind) => !this.#theirs.has(kind),
    };
  }

  async #load(
    kind: string,
    source: ConfigSource,
    params: RuntimeParams | null,
  ): Promise<Config | ConfigError> {
    const { env = null, settings = {} } = this.#definition;
    const { isTrusted, roots } = this.#params;
    const loader = createConfigLoader({
      ...settings.configLoaderArgs,
      source,
      env,
      runtimeParams: params?.values ?? {},
      restrictRuntimeParamsTypeSelection: !isTrusted,
      restrictRuntimeParamsPaths: !isTrusted,
      literalRuntimeParams: !isTrusted,
      runtimeParamRoots: roots,
    });
    try {
      const config = await loader.load(kind);
      freeze(config);
      return config;
    } catch (error) {
      if (error instanceof ConfigError && error.code === 'config-missing') return error;
      throw error;
    }
  }

  #isPure(seen: SeenFiles): boolean {
    const resolvers = this.#definition.settings?.configLoaderArgs?.customResolvers ?? {};
    return Object.keys(resolvers).length === 0 && !mentions(seen, 'oc.env');
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function anyParams(kind: string): string {
  return `any ${kind}`;
}

function theseParams(kind: string, params: RuntimeParams | null): string {
  return `these ${kind} ${params?.text ?? ''}`;
}

function mentions({ texts }: SeenFiles, word: string): boolean {
  return [...texts.values()].some((text) => text.includes(word));
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const each of Object.values(value)) freeze(each);
  Object.freeze(value);
}

/** The configuration of a project's snapshot, and that of its runs. */
export function keepConfigs(
  definition: ProjectDefinition,
  params: ParamRules,
): { readonly snapshot: KeptConfig; readonly runs: KeptConfig } {
  const { env = null, runEnv = null } = definition;
  const snapshot = new KeptConfig(definition, params);
  if (runEnv === null || runEnv === env) return { snapshot, runs: snapshot };
  return { snapshot, runs: new KeptConfig({ ...definition, env: runEnv }, params) };
}

/** Texts have no folders: the environment that nobody asked for is there, if empty. */
function toConfigSource({ config = {}, env, settings }: ProjectDefinition): ConfigSource {
  if (isConfigSource(config)) return config;
  const memory = createMemoryConfigSource(config);
  const { baseEnv = 'base', defaultRunEnv = 'local' } = settings?.configLoaderArgs ?? {};
  const expected = new Set([
    baseEnv,
    ...(env === undefined || env === null || env === '' ? [defaultRunEnv] : []),
  ]);
  return {
    readText: memory.readText,
    listFiles: async (folder) =>
      (await memory.listFiles(folder)) ?? (expected.has(folder) ? [] : null),
  };
}

function isConfigSource(config: ConfigSource | Config): config is ConfigSource {
  return 'listFiles' in config && typeof config.listFiles === 'function';
}
