import type { FileSystems } from './file-system.ts';
import type { Row } from './rows.ts';

/**
 * Where a node's data comes from or goes to. What `load` and `save` throw reaches who runs the
 * pipeline as a `DatasetError` with the dataset's name; a dataset only says what went wrong.
 */
export interface Dataset {
  /** Whether the data is gone with the process: runs cannot resume from it. */
  readonly ephemeral?: boolean;
  /** Free for who reads the catalog; datasets ignore it. */
  readonly metadata?: unknown;
  load(): Promise<unknown>;
  /** Makes of rows, which a run brings for this dataset, what `load` gives; where that is no list of rows. */
  fromRows?(rows: readonly Row[]): Promise<unknown>;
  /** Never called with `null` or `undefined`. */
  save(data: unknown): Promise<void>;
  exists(): Promise<boolean>;
  /** Frees what is held in memory; the data itself stays where it is persistent. */
  release(): Promise<void>;
  /** Tells that what was loaded has been processed. */
  confirm?(): Promise<void>;
  /** Shown in messages: no secrets. */
  describe(): Readonly<Record<string, unknown>>;
  /** The same dataset, pinned to a version; only where datasets can be versioned. */
  atVersion?(version: string): Dataset;
}

/** A catalog entry without `type`, `versioned` and `metadata`; credentials are in place. */
export type DatasetOptions = Readonly<Record<string, unknown>>;

/** What to load and what to save; each is a name of one path segment. */
export interface DatasetVersion {
  /** The newest where there is none. */
  readonly load: string | undefined;
  readonly save: string;
}

/** What a dataset gets from the catalog that makes it. */
export interface DatasetContext {
  /** The dataset's name in the catalog. */
  readonly name: string;
  /** The type as it was written. */
  readonly type: string;
  /** Only where the entry says `versioned: true`. */
  readonly version: DatasetVersion | undefined;
  readonly metadata: unknown;
  readonly fileSystems: FileSystems;
  /**
   * Makes a dataset from an entry that stands inside another one; `versioned` there counts when
   * `isVersioned` is not given.
   */
  createDataset(entry: unknown, isVersioned?: boolean): Dataset;
  readonly onWarning: (message: string) => void;
}

/** A dataset type as an object, for types that share something. */
export interface DatasetFactory {
  create(options: DatasetOptions, context: DatasetContext): Dataset;
}

/** A user's own dataset: a class that the catalog's `datasetTypes` gives under the name in `type`. */
export type DatasetClass = new (options: DatasetOptions, context: DatasetContext) => Dataset;

export type DatasetType = DatasetClass | DatasetFactory;
