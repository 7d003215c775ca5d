import type { Dataset, DatasetClass } from './dataset.ts';
import type { FileSystems } from './file-system.ts';

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
  /** Users' own dataset classes by the name in `type`. */
  readonly datasetTypes?: Readonly<Record<string, DatasetClass>> | undefined;
  /** Datasets that are made already; they win over the configuration. */
  readonly datasets?: Readonly<Record<string, Dataset>> | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface DatasetDescription {
  readonly name: string;
  /** As it is written in the configuration. */
  readonly type: string;
  readonly filepath: string | undefined;
  /** The dataset factory that the entry came from. */
  readonly pattern: string | undefined;
  readonly metadata: unknown;
}

/** Datasets by name: made on first use, of the configuration, of a factory, or in memory. */
export interface DataCatalog {
  /** What new versions are called. */
  readonly saveVersion: string;
  /** Registered datasets, parameters included: those not used yet, then the others. */
  names(): readonly string[];
  /** Dataset factories in the order in which they are tried, the catch-all and memory last. */
  patterns(): readonly string[];
  /** Whether the name is registered, or matched by a factory of the configuration. */
  has(name: string): boolean;
  /** The dataset where `has(name)`. */
  find(name: string): Dataset | undefined;
  /** The dataset, in memory where neither the configuration nor a factory has one. */
  get(name: string): Dataset;
  /** Replaces or adds a dataset; any other value is kept in a memory dataset. */
  set(name: string, datasetOrValue: unknown): void;
  /** Throws `DatasetError`: `dataset-not-found`, `dataset-load-failed`. */
  load(name: string, options?: { readonly version?: string | undefined }): Promise<unknown>;
  /** Throws `DatasetError`: `dataset-not-found`, `dataset-save-failed`. */
  save(name: string, data: unknown): Promise<void>;
  exists(name: string): Promise<boolean>;
  release(name: string): Promise<void>;
  /** Throws `DatasetError` (`dataset-confirm-failed`) also where datasets have no `confirm`. */
  confirm(name: string): Promise<void>;
  /** The entry for a name, with placeholders and credentials filled in. */
  resolvePattern(name: string): Readonly<Record<string, unknown>>;
  /** What is known of a dataset without making it. */
  describe(name: string): DatasetDescription;
}
