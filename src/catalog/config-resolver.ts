import { compareCodePoints } from '../names/compare-code-points.ts';
import { DatasetError } from './dataset-error.ts';
import type { DatasetPattern } from './dataset-pattern.ts';
import { isPattern, parsePattern, placeholdersOf } from './dataset-pattern.ts';
import { fillPlaceholders } from './fill-placeholders.ts';
import { isPlainObject } from './plain-object.ts';
import { resolveCredentials } from './resolve-credentials.ts';

export type CatalogEntry = Readonly<Record<string, unknown>>;

/** The entries of a catalog, those that dataset factories make included. */
export interface ConfigResolver {
  /** Entries by name, credentials in place; factories are not among them. */
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  /** All patterns in the order in which they are tried; `{default}`, for memory, comes last. */
  readonly patterns: readonly string[];
  /** The first pattern that matches, the configuration's catch-all excluded. */
  matchPattern(name: string): string | undefined;
  /** The configuration's catch-all pattern where it matches. */
  matchCatchAll(name: string): string | undefined;
  /**
   * The entry for a name: its own, a pattern's, or one of a memory dataset. `onWarning` hears of a
   * catch-all that stands in for memory.
   */
  resolve(name: string, onWarning?: (message: string) => void): CatalogEntry;
}

const runtimePattern = '{default}';
const runtimeEntry: CatalogEntry = { type: 'kedro.io.MemoryDataset' };

interface Factory extends DatasetPattern {
  readonly entry: CatalogEntry;
}

function textsIn(entry: unknown): readonly string[] {
  if (typeof entry === 'string') return [entry];
  if (Array.isArray(entry)) return entry.flatMap(textsIn);
  return isPlainObject(entry) ? Object.values(entry).flatMap(textsIn) : [];
}

/** Kedro's order: most specific, then most placeholders, then by name. */
function byPrecedence(left: Factory, right: Factory): number {
  return (
    right.specificity - left.specificity ||
    right.placeholderCount - left.placeholderCount ||
    compareCodePoints(left.pattern, right.pattern)
  );
}

function checkEntry(name: string, entry: unknown): asserts entry is CatalogEntry {
  if (isPlainObject(entry)) return;
  throw new DatasetError(
    'dataset-invalid',
    `Catalog entry '${name}' is not a valid dataset configuration. \nHint: If this catalog entry is intended for variable interpolation, make sure that the key is preceded by an underscore.`,
  );
}

function toFactory(pattern: string, entry: CatalogEntry): Factory {
  const known = new Set(placeholdersOf(pattern));
  const unknown = new Set(
    textsIn(entry)
      .flatMap(placeholdersOf)
      .filter((each) => !known.has(each)),
  );
  if (unknown.size === 0) return { ...parsePattern(pattern), entry };
  throw new DatasetError(
    'patterns-invalid',
    `Incorrect dataset configuration provided. Keys used in the configuration ${[...unknown].join(', ')} should present in the dataset pattern name ${pattern}.`,
  );
}

/**
 * Sorts a catalog into entries and dataset factories, by the rules of Kedro's
 * `CatalogConfigResolver`. Throws `DatasetError`: `dataset-invalid`, `patterns-invalid`,
 * `credentials-not-found`.
 */
export function createConfigResolver(
  config: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, unknown>> = {},
): ConfigResolver {
  const factories: Factory[] = [];
  for (const [name, entry] of Object.entries(config)) {
    if (!isPattern(name)) continue;
    checkEntry(name, entry);
    factories.push(toFactory(name, entry));
    resolveCredentials(entry, credentials);
  }
  factories.sort(byPrecedence);
  const catchAlls = factories.filter(({ specificity }) => specificity === 0);
  if (catchAlls.length > 1) {
    throw new DatasetError(
      'patterns-invalid',
      `Multiple catch-all patterns found in the catalog: ${catchAlls.map(({ pattern }) => pattern).join(', ')}. Only one catch-all pattern is allowed, remove the extras.`,
    );
  }
  const entries = new Map<string, CatalogEntry>();
  for (const [name, entry] of Object.entries(config)) {
    if (isPattern(name)) continue;
    checkEntry(name, entry);
    entries.set(name, resolveCredentials(entry, credentials));
  }
  const catchAll = catchAlls[0];
  const specific = factories.filter((factory) => factory !== catchAll);
  const patterns = [...new Set([...factories.map(({ pattern }) => pattern), runtimePattern])];

  function entryOf({ pattern, entry, match }: Factory, name: string): CatalogEntry {
    const values = match(name) ?? new Map<string, string>();
    const filled = fillPlaceholders(entry, { name, pattern, values });
    checkEntry(name, filled);
    return resolveCredentials(filled, credentials);
  }

  return {
    entries,
    patterns,
    matchPattern: (name) => specific.find(({ match }) => match(name) !== undefined)?.pattern,
    matchCatchAll: (name) => (catchAll?.match(name) === undefined ? undefined : catchAll.pattern),
    resolve(name, onWarning) {
      // A copy, as a factory's is: a dataset that changes its options changes no other run's.
      const own = entries.has(name) ? config[name] : undefined;
      if (isPlainObject(own)) return resolveCredentials(own, credentials);
      const factory = specific.find(({ match }) => match(name) !== undefined);
      if (factory !== undefined) return entryOf(factory, name);
      if (catchAll?.match(name) === undefined) return runtimeEntry;
      onWarning?.(
        `Config from the dataset pattern '${catchAll.pattern}' in the catalog will be used to override the default dataset creation for '${name}'.`,
      );
      return entryOf(catchAll, name);
    },
  };
}
