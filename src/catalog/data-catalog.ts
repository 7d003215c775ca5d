import type { CatalogErrorCode } from '../errors.ts';
import type { CatalogEntry, ConfigResolver } from './config-resolver.ts';
import { type Confined, confineEntry, type Confinement } from './confinement.ts';
import { createDataset, typeOf } from './create-dataset.ts';
import type { Dataset, DatasetType, DatasetVersion } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { toDatasetFailure } from './dataset-failure.ts';
import { describeDataset } from './describe-dataset.ts';
import type { FileSystems } from './file-system.ts';
import { MemoryDataset } from './memory-dataset.ts';
import { keptParameters, keptResolver } from './kept-preparations.ts';
import { isParameter } from './parameters.ts';
import { redactUrls } from '../redact/redact-url.ts';
import { suggestName } from '../names/suggest-name.ts';
import { createVersion } from './version-path.ts';

export type CatalogConfig = Readonly<Record<string, unknown>>;

export interface DataCatalogOptions {
  /** Entries and dataset factories by name; names that begin with `_` are ignored. */
  readonly config?: CatalogConfig | undefined;
  /** By name, as entries refer to them. */
  readonly credentials?: Readonly<Record<string, unknown>> | undefined;
  /** Become the datasets `parameters`, `params:a` and `params:a.b`. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly loadVersions?: Readonly<Record<string, string>> | undefined;
  /** Now, as Kedro writes it, when it is not given. */
  readonly saveVersion?: string | undefined;
  readonly fileSystems?: FileSystems | undefined;
  /** What strangers had a part in; undefined where callers are trusted. */
  readonly confinement?: Confinement | undefined;
  /** Users' own dataset classes, or factories, by the name in `type`. */
  readonly datasetTypes?: Readonly<Record<string, DatasetType>> | undefined;
  /** Datasets that are made already; they win over the configuration. */
  readonly datasets?: Readonly<Record<string, Dataset>> | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface DatasetDescription {
  readonly name: string;
  /** As it is written in the configuration. */
  readonly type: string;
  readonly filepath: string | undefined;
  readonly isVersioned: boolean;
  /** The dataset factory that the entry came from. */
  readonly pattern: string | undefined;
  readonly metadata: unknown;
}

/** What another catalog needs to make the datasets of the same configuration: plain data. */
export type CatalogRecipe = Pick<
  DataCatalogOptions,
  'config' | 'credentials' | 'loadVersions' | 'saveVersion' | 'confinement'
>;

/** Datasets by name: made on first use, of the configuration, of a factory, or in memory. */
export class DataCatalog {
  /** What new versions are called. */
  readonly saveVersion: string;
  readonly #options: DataCatalogOptions;
  readonly #resolver: ConfigResolver;
  readonly #datasets: Map<string, Dataset>;
  readonly #types = new Map<string, string>();
  #parameters: ReadonlyMap<string, unknown> | undefined;

  constructor(options: DataCatalogOptions) {
    this.#options = options;
    this.saveVersion = options.saveVersion ?? createVersion();
    this.#datasets = new Map(Object.entries(options.datasets ?? {}));
    this.#resolver = keptResolver(options.config, options.credentials);
    this.#checkLoadVersions();
    for (const [name, entry] of this.#resolver.entries) typeOf(name, entry);
  }

  #checkLoadVersions(): void {
    const missing = Object.keys(this.#options.loadVersions ?? {}).filter(
      (name) =>
        !this.#resolver.entries.has(name) && this.#resolver.matchPattern(name) === undefined,
    );
    if (missing.length === 0) return;
    throw new DatasetError(
      'dataset-not-found',
      `'load_versions' keys [${missing.toSorted().join(', ')}] are not found in the catalog.`,
    );
  }

  get #named(): ReadonlyMap<string, unknown> {
    this.#parameters ??= keptParameters(this.#options.parameters);
    return this.#parameters;
  }

  /** Registered datasets, parameters included: those not used yet, then the others. */
  names(): readonly string[] {
    const unused = [...this.#resolver.entries.keys()].filter((name) => this.#entryOf(name));
    return [...new Set([...unused, ...this.#datasets.keys(), ...this.#named.keys()])];
  }

  /** Dataset factories in the order in which they are tried, the catch-all and memory last. */
  patterns(): readonly string[] {
    return this.#resolver.patterns;
  }

  #patternOf(name: string): string | undefined {
    if (isParameter(name)) return undefined;
    return this.#resolver.matchPattern(name) ?? this.#resolver.matchCatchAll(name);
  }

  /** The entry of the configuration whose dataset is not made yet. */
  #entryOf(name: string): CatalogEntry | undefined {
    return this.#datasets.has(name) ? undefined : this.#resolver.entries.get(name);
  }

  /** Whether the name is registered, or matched by a factory of the configuration. */
  has(name: string): boolean {
    if (this.#datasets.has(name) || this.#resolver.entries.has(name)) return true;
    return isParameter(name) ? this.#named.has(name) : this.#patternOf(name) !== undefined;
  }

  /** The dataset where `has(name)`. Throws `DatasetError` when it cannot be made. */
  find(name: string): Dataset | undefined {
    return this.#datasets.get(name) ?? (this.has(name) ? this.get(name) : undefined);
  }

  /**
   * The dataset, in memory where neither the configuration nor a factory has one. Throws
   * `DatasetError` when it cannot be made.
   */
  get(name: string): Dataset {
    const known = this.#datasets.get(name);
    if (known !== undefined) return known;
    const dataset = this.#make(name);
    this.#datasets.set(name, dataset);
    return dataset;
  }

  /** Undefined where no stranger had a part in the dataset or in which version of it is loaded. */
  #confine(
    name: string,
    entry: CatalogEntry,
    loadVersion: string | undefined,
  ): Confined | undefined {
    const { confinement, fileSystems = {} } = this.#options;
    if (confinement === undefined) return undefined;
    const { entries, roots } = confinement;
    if (entries.size === 0 && loadVersion === undefined) return undefined;
    const source = this.#resolver.entries.has(name) ? name : this.#patternOf(name);
    const places = source === undefined ? undefined : entries.get(source);
    if (places === undefined && loadVersion === undefined) return undefined;
    return confineEntry(name, entry, { places: places ?? [], roots, fileSystems });
  }

  #make(name: string): Dataset {
    if (isParameter(name) && !this.#resolver.entries.has(name)) {
      const isGiven = this.#named.has(name);
      return isGiven ? new MemoryDataset(this.#named.get(name)) : MemoryDataset.empty({});
    }
    const { loadVersions = {}, fileSystems = {}, datasetTypes = {}, onWarning } = this.#options;
    const entry = this.#resolver.resolve(name, onWarning);
    const loadVersion = Object.hasOwn(loadVersions, name) ? loadVersions[name] : undefined;
    const version: DatasetVersion = { load: loadVersion, save: this.saveVersion };
    const confined = this.#confine(name, entry, loadVersion);
    const dataset = createDataset(name, entry, version, {
      fileSystems: confined?.fileSystems ?? fileSystems,
      datasetTypes,
      strange: confined?.strange,
      onWarning: onWarning ?? (() => undefined),
    });
    this.#types.set(name, typeOf(name, entry));
    return dataset;
  }

  /** Replaces or adds a dataset; any other value is kept in a memory dataset. */
  set(name: string, datasetOrValue: unknown): void {
    this.#types.delete(name);
    this.#datasets.set(
      name,
      isDataset(datasetOrValue) ? datasetOrValue : new MemoryDataset(datasetOrValue),
    );
  }

  get recipe(): CatalogRecipe {
    const { config, credentials, loadVersions, confinement } = this.#options;
    return { config, credentials, loadVersions, confinement, saveVersion: this.saveVersion };
  }

  /** Whether the dataset is the one that the configuration makes, and not put in its place. */
  isConfigured(name: string): boolean {
    return this.#types.has(name) || this.#entryOf(name) !== undefined;
  }

  #require(name: string): Dataset {
    const dataset = this.find(name);
    if (dataset !== undefined) return dataset;
    throw new DatasetError(
      'dataset-not-found',
      `Dataset '${name}' not found in the catalog.${suggestName(name, this.names())}`,
    );
  }

  /** Throws `DatasetError`: `dataset-not-found`, `dataset-load-failed`. */
  async load(name: string, options?: { readonly version?: string | undefined }): Promise<unknown> {
    const dataset = this.#require(name);
    const version = options?.version;
    const pinned = version === undefined ? dataset : (dataset.atVersion?.(version) ?? dataset);
    try {
      return await pinned.load();
    } catch (cause) {
      throw this.#failure(cause, name, pinned, 'load');
    }
  }

  /** Throws `DatasetError`: `dataset-not-found`, `dataset-save-failed`. */
  async save(name: string, data: unknown): Promise<void> {
    const dataset = this.#require(name);
    if (data === null || data === undefined) {
      throw new DatasetError(
        'dataset-save-failed',
        `${name}: Saving '${String(data)}' to a dataset is not allowed. Return a value from the node that has it as an output.`,
      );
    }
    try {
      await dataset.save(data);
    } catch (cause) {
      throw this.#failure(cause, name, dataset, 'save');
    }
  }

  /** Throws `DatasetError` (`dataset-exists-failed`). */
  async exists(name: string): Promise<boolean> {
    const dataset = this.find(name);
    if (dataset === undefined) return false;
    try {
      return await dataset.exists();
    } catch (cause) {
      throw this.#failure(cause, name, dataset, 'exists');
    }
  }

  /** Throws `DatasetError`: `dataset-not-found`, `dataset-release-failed`. */
  async release(name: string): Promise<void> {
    const dataset = this.#require(name);
    try {
      await dataset.release();
    } catch (cause) {
      throw this.#failure(cause, name, dataset, 'release');
    }
  }

  /** Throws `DatasetError` (`dataset-confirm-failed`) also where datasets have no `confirm`. */
  async confirm(name: string): Promise<void> {
    const dataset = this.#require(name);
    try {
      if (dataset.confirm === undefined) {
        const message = `Dataset '${name}' does not have 'confirm' method`;
        throw new DatasetError('dataset-confirm-failed', message);
      }
      await dataset.confirm();
    } catch (cause) {
      throw this.#failure(cause, name, dataset, 'confirm');
    }
  }

  #failure(
    cause: unknown,
    name: string,
    dataset: Dataset,
    action: keyof typeof actions,
  ): DatasetError {
    const type = this.#types.get(name) ?? dataset.constructor.name;
    const shown = describeDataset(type, dataset);
    return toDatasetFailure(cause, { ...actions[action], name, shown });
  }

  /**
   * The entry for a name, with placeholders and credentials filled in. Throws `DatasetError`:
   * `patterns-invalid`, `path-refused`.
   */
  resolvePattern(name: string): Readonly<Record<string, unknown>> {
    return this.#resolver.resolve(name, this.#options.onWarning);
  }

  /** What is known of a dataset without making it. */
  describe(name: string): DatasetDescription {
    const isReady = this.#datasets.has(name) && !this.#types.has(name);
    const entry = isReady || isParameter(name) ? undefined : this.#resolver.resolve(name);
    const filepath = entry?.['filepath'] ?? entry?.['path'];
    return {
      name,
      type:
        entry === undefined
          ? (this.#datasets.get(name)?.constructor.name ?? 'MemoryDataset')
          : typeOf(name, entry),
      filepath: typeof filepath === 'string' ? redactUrls(filepath) : undefined,
      isVersioned: entry?.['versioned'] === true,
      pattern: this.#resolver.entries.has(name) ? undefined : this.#patternOf(name),
      metadata: entry?.['metadata'] ?? this.#datasets.get(name)?.metadata,
    };
  }
}

const actions = {
  load: { code: 'dataset-load-failed', doing: 'loading data from' },
  save: { code: 'dataset-save-failed', doing: 'saving data to' },
  exists: { code: 'dataset-exists-failed', doing: 'checking whether there is data in' },
  release: { code: 'dataset-release-failed', doing: 'releasing' },
  confirm: { code: 'dataset-confirm-failed', doing: 'confirming' },
} as const satisfies Record<string, { code: CatalogErrorCode; doing: string }>;

function isDataset(value: unknown): value is Dataset {
  if (typeof value !== 'object' || value === null) return false;
  const methods = ['load', 'save', 'exists', 'release', 'describe'] as const;
  return methods.every((method) => method in value);
}

/**
 * A catalog for one run. Throws `DatasetError`: `dataset-invalid`, `patterns-invalid`,
 * `credentials-not-found`, `dataset-not-found` for a load version of an unknown dataset.
 */
export function createDataCatalog(options: DataCatalogOptions = {}): DataCatalog {
  return new DataCatalog(options);
}
