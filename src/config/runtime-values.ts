import { leadsAstray, writtenRoot } from '../names/leads-out.ts';
import { ConfigError } from './config-error.ts';
import type { Watch, WatchedValue } from './resolved-tree.ts';

/** A text of a catalog's entry that runtime parameters had a part in; plain data. */
export interface RuntimePlace {
  /** Keys and indexes from the entry down. */
  readonly keys: readonly string[];
  /** Undefined where it is not known. */
  readonly parameter: string | undefined;
  /** The folder or URL that the catalog itself writes in front of it. */
  readonly root: string | undefined;
}

/** Places by entry, its name or pattern: those that a dataset could open. */
export type RuntimeEntries = ReadonlyMap<string, readonly RuntimePlace[]>;

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
  /** Where paths may lead whatever the catalog says: absolute folders and URLs. */
  readonly roots: readonly string[];
}

/**
 * Whether the text is data: what is bound to a query, sent with a request, or for people; and a
 * separator, though it may look like the root of a path.
 */
function isData([key, inner]: readonly string[], text: string | null): boolean {
  if (key === 'metadata') return true;
  if (key !== 'load_args' && key !== 'save_args') return false;
  return inner === 'params' || inner === 'headers' || !/[\p{L}\p{N}.]/u.test(text ?? '.');
}

/** What can open anything, whatever stands in it. */
const refusedKeys: ReadonlySet<string> = new Set(['credentials', 'sql']);

/**
 * Creates what looks at the values of a catalog that come from runtime parameters; it notes their
 * places by entry. What it sees may throw `ConfigError`.
 */
export function watchRuntimeValues(
  { restrictsType, restrictsPaths, roots }: RuntimeValuesOptions,
  entries: Map<string, RuntimePlace[]>,
): Watch {
  return {
    see(value) {
      const { entry, keys, text, neutral, source } = value;
      if (restrictsType && keys.at(-1) === 'type') throw refusedType(value);
      // An entry that begins with `_` is no dataset: it counts where others refer to it.
      if (!restrictsPaths || entry.startsWith('_') || isData(keys, text)) return;
      const refused = keys.find((key) => refusedKeys.has(key));
      if (refused !== undefined) throw refusedKey(value, refused);
      if (text === null) return;
      if (leadsAstray(text, neutral, roots)) throw refusedPath(value);
      const place = { keys: [...keys], parameter: source, root: writtenRoot(text, neutral) };
      entries.set(entry, [...(entries.get(entry) ?? []), place]);
    },
  };
}

/** Creates what refuses credentials that come from runtime parameters. */
export function watchCredentials(): Watch {
  return {
    see({ entry, source }) {
      throw new ConfigError(
        'path-outside',
        `Credentials "${entry}" come from ${name(source)}, which is not permitted: they say where data is, and who may have it. Write them into the configuration. ${wayOut}`,
      );
    },
  };
}

const wayOut =
  'A server whose callers may change the project too can trust them: trustParams, --trust-params.';

function name(source: string | undefined): string {
  return source === undefined ? 'runtime parameters' : `the runtime parameter "${source}"`;
}

function begin({ entry, keys, source }: WatchedValue): string {
  return `Dataset "${entry}" takes "${keys.join('.')}" from ${name(source)}`;
}

function refusedType(value: WatchedValue): ConfigError {
  return new ConfigError(
    'interpolation-failed',
    `${begin(value)}, which is not permitted: it must not select which dataset class is made, at any depth. Write the type into the catalog. ${wayOut}`,
  );
}

function refusedKey(value: WatchedValue, key: string): ConfigError {
  const instead =
    key === 'sql'
      ? "Bind the value by 'load_args: { params: … }', or use it in a node."
      : 'Write the name of the credentials into the catalog.';
  return new ConfigError(
    'path-outside',
    `${begin(value)}, which is not permitted. ${instead} ${wayOut}`,
  );
}

function refusedPath(value: WatchedValue): ConfigError {
  return new ConfigError(
    'path-outside',
    `${begin(value)}, which makes it lead elsewhere. Send a name or a path without '..', without a root and without a URL; or have the place listed with paramRoots, --param-roots. ${wayOut}`,
  );
}
