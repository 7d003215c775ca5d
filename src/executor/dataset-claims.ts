import type { NodeSelection } from './node-selection.ts';
import type { RunOrder } from './run-order.ts';

/**
 * What a run does with a place. `add`: it saves a version of its own there, which others may do at
 * the same time, but which whoever reads the latest version would see.
 */
export type ClaimMode = 'read' | 'add' | 'write';

/** A place outside of a run's own memory that it uses. */
export interface DatasetClaim {
  /** Name of a dataset that is there. */
  readonly dataset: string;
  /**
   * Equal texts are one place, and one that begins with another and `/` lies in it. Not to be
   * shown: it may tell of other things than the project's.
   */
  readonly place: string;
  readonly mode: ClaimMode;
}

export interface RunClaims {
  readonly claims: readonly DatasetClaim[];
  /** Whether a run with other parameters may have others. */
  readonly dependsOnParams: boolean;
  /** Whether they are what would be found now; without it, that is not known. */
  isCurrent?(): boolean;
}

/** What of an order decides what it claims. */
export interface ClaimingOrder
  extends NodeSelection, Pick<RunOrder, 'loadVersions' | 'paramsJson'> {
  /** Datasets that the order brings data for: the catalog's are not touched. */
  readonly inputNames: readonly string[];
}

/** What the nodes of an order use, parameters left out, by the names that they use. */
export interface UsedDatasets {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Catalog entries with placeholders filled in; what has none is in memory. */
  readonly entries: Readonly<Record<string, CatalogEntry>>;
}

type CatalogEntry = Readonly<Record<string, unknown>>;

const inMemory = /(?:^|\.)(?:Shared)?MemoryDataset$/u;
/** How an entry is read and written, which does not say where. */
const manner = new Set(['load_args', 'save_args', 'fs_args', 'versioned', 'metadata', 'copy_mode']);
/** What names a table's database, in the words of different datasets. */
const database = [
  'con',
  'connection',
  'credentials',
  'project',
  'catalog',
  'catalog_name',
  'database',
  'dataset',
];

/**
 * Finds what a run claims. `locate` gives the one name of a file of this machine, whatever the way
 * that leads to it.
 */
export function toClaims(
  { reads, writes, entries }: UsedDatasets,
  { inputNames, loadVersions }: ClaimingOrder,
  locate: (path: string) => string,
): readonly DatasetClaim[] {
  const claims = new Map<string, DatasetClaim>();
  const add = (dataset: string, isWrite: boolean): void => {
    const entry = Object.hasOwn(entries, dataset) ? entries[dataset] : undefined;
    if (entry === undefined || mayOverlap(entry)) return;
    const isVersioned = entry['versioned'] === true;
    if (!isWrite && inputNames.includes(dataset)) return;
    if (!isWrite && isVersioned && Object.hasOwn(loadVersions ?? {}, dataset)) return;
    const place = placeOf(entry, locate);
    if (place === null) return;
    const mode = isWrite ? (isVersioned ? 'add' : 'write') : 'read';
    const known = claims.get(place);
    if (known === undefined) claims.set(place, { dataset, place, mode });
    else if (known.mode !== mode) claims.set(place, { ...known, mode: 'write' });
  };
  for (const name of reads) add(name, false);
  for (const name of writes) add(name, true);
  return [...claims.values()];
}

/** `metadata: { kedro-server: { overlap: allow } }` tells that runs need not be kept apart for it. */
function mayOverlap({ metadata }: CatalogEntry): boolean {
  const own = isMap(metadata) ? metadata['kedro-server'] : undefined;
  return isMap(own) && own['overlap'] === 'allow';
}

/** Where an entry's data is; null for memory. What says nothing of a place is one of its own. */
function placeOf(entry: CatalogEntry, locate: (path: string) => string): string | null {
  const { type, filepath, path, dataset, url } = entry;
  if (typeof type === 'string' && inMemory.test(type)) return null;
  const file = textOf(filepath) ?? textOf(path);
  if (file !== null) return placeOfFile(file, locate);
  if (isMap(dataset)) return placeOf(dataset, locate);
  const table = textOf(entry['table_name']) ?? textOf(entry['table']);
  if (table !== null) return placeOfTable(table, entry, locate);
  if (textOf(url) !== null) return withoutUser(textOf(url) ?? '');
  const where = Object.entries(entry).filter(([key]) => !manner.has(key));
  return `entry:${JSON.stringify(where.toSorted(byKey))}`;
}

function placeOfFile(written: string, locate: (path: string) => string): string {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//iu.test(written) && !/^file:\/\//iu.test(written);
  const file = isUrl ? withoutUser(written) : `file:${locate(written)}`;
  return file.replace(/(?<!\/)\/+$/u, '');
}

function placeOfTable(
  table: string,
  entry: CatalogEntry,
  locate: (path: string) => string,
): string | null {
  // Without a database it is in the run's own.
  if (entry['type'] === 'duckdb.TableDataset' && textOf(entry['database']) === null) return null;
  const schema = [entry, entry['save_args'], entry['load_args']]
    .filter(isMap)
    .map((each) => textOf(each['schema']))
    .find((each) => each !== null);
  const where = database.map((key) => toConnection(entry[key], locate));
  return `table:${JSON.stringify([...where, schema ?? null, table])}`;
}

/** Credentials of one user or another lead to the same database. */
function toConnection(value: unknown, locate: (path: string) => string): unknown {
  if (isMap(value)) {
    return 'con' in value
      ? toConnection(value['con'], locate)
      : Object.entries(value).toSorted(byKey);
  }
  if (typeof value !== 'string') return value ?? null;
  const file = /^sqlite:\/\/\/(.+)$/su.exec(value)?.[1];
  return file === undefined ? withoutUser(value) : `sqlite:${locate(file)}`;
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/iu, '$1');
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isMap(value: unknown): value is CatalogEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
