import { leadsOut, writtenRoot } from '../names/leads-out.ts';
import { ConfigError } from './config-error.ts';
import type { Watch } from './resolved-tree.ts';

/** Options of a dataset that say how its file is read and written, and not where it is. */
const notPlaces: ReadonlySet<unknown> = new Set(['load_args', 'save_args', 'metadata']);

/**
 * Entries of a catalog, by name or pattern, that runtime parameters had a part in, beyond the
 * arguments of loading and saving; with the absolute folders that the catalog itself writes in
 * front of what they say.
 */
export type RuntimeEntries = ReadonlyMap<string, readonly string[]>;

const byConfig = new WeakMap<object, RuntimeEntries>();

/** Of a catalog that was loaded without restrictions, none. */
export function entriesOfRuntimeParams(catalog: object): RuntimeEntries {
  return byConfig.get(catalog) ?? new Map();
}

export function setEntriesOfRuntimeParams(catalog: object, entries: RuntimeEntries): void {
  byConfig.set(catalog, entries);
}

export interface RuntimeValuesOptions {
  readonly restrictsType: boolean;
  readonly restrictsPaths: boolean;
}

/**
 * Creates what looks at the values of a catalog that come from runtime parameters; it notes their
 * entries. What it sees may throw `ConfigError`.
 */
export function watchRuntimeValues(
  { restrictsType, restrictsPaths }: RuntimeValuesOptions,
  entries: Map<string, readonly string[]>,
): Watch {
  return {
    see({ entry, keys, text, neutral }) {
      if (restrictsType && keys.at(-1) === 'type') throw refusedType(entry);
      // An entry that begins with `_` is no dataset: it counts where others refer to it.
      if (!restrictsPaths || entry.startsWith('_')) return;
      if (keys.some((key) => notPlaces.has(key))) return;
      const root = text === null ? undefined : writtenRoot(text, neutral);
      const roots = entries.get(entry) ?? [];
      entries.set(entry, root === undefined ? roots : [...roots, root]);
      if (text !== null && leadsOut(text, neutral)) throw refusedPath(entry, keys);
    },
  };
}

function refusedType(entry: string): ConfigError {
  return new ConfigError(
    'interpolation-failed',
    `Dataset "${entry}" takes a "type" from runtime parameters, which is not permitted: they must not select which dataset class is made, at any depth.`,
  );
}

function refusedPath(entry: string, keys: readonly unknown[]): ConfigError {
  const place = keys.filter((key) => typeof key === 'string').join('.');
  return new ConfigError(
    'path-outside',
    `Dataset "${entry}" takes "${place}" from runtime parameters, and they make it lead out of the project's folder for it. Send a name or a path without '..', without a root and without a URL; what is elsewhere has to be written in the catalog.`,
  );
}
