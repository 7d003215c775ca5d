import type { CatalogEntry } from './config-resolver.ts';
import { DatasetError } from './dataset-error.ts';
import { confineFileSystems, type FileSystems, fileSystemFor } from './file-system.ts';
import { isPlainObject } from './plain-object.ts';

/** A text of an entry that strangers had a part in. */
export interface StrangePlace {
  /** Keys and indexes from the entry down. */
  readonly keys: readonly string[];
  /** Their parameter, where it is known. */
  readonly parameter: string | undefined;
  /** The folder or URL that the catalog itself writes in front of it. */
  readonly root: string | undefined;
}

/** What strangers had a part in; plain data. */
export interface Confinement {
  /** By the entry's name or pattern. */
  readonly entries: ReadonlyMap<string, readonly StrangePlace[]>;
  /** Where they may lead beside the file system's root: absolute folders, and URLs. */
  readonly roots: readonly string[];
}

/** The file systems of one dataset, and the texts in its entry that strangers had a part in. */
export interface Confined {
  readonly fileSystems: FileSystems;
  readonly strange: ReadonlySet<string>;
}

const notPlaces: ReadonlySet<unknown> = new Set(['load_args', 'save_args', 'metadata']);

function* textsOf(value: unknown, keys: readonly string[] = []): Generator<[string, string]> {
  if (typeof value === 'string') yield [JSON.stringify(keys), value];
  else if (Array.isArray(value) || isPlainObject(value)) {
    for (const [key, each] of Object.entries(value)) yield* textsOf(each, [...keys, key]);
  }
}

/** A text as a place: `sqlite:///data/a.db` is the file behind it too. */
function placesIn(text: string): readonly string[] {
  if (!/[\p{L}\p{N}]/u.test(text)) return [];
  return [text, text.replace(/^[a-z][a-z0-9+.-]*:\/{3}/iu, '')];
}

/**
 * Confines a dataset's files to the root of their file system, to `roots`, and to what its entry
 * says without strangers. Throws `DatasetError` (`path-refused`) where a text that they had a
 * part in leads out through a link.
 */
export function confineEntry(
  name: string,
  entry: CatalogEntry,
  {
    places,
    roots,
    fileSystems,
  }: { readonly places: readonly StrangePlace[] } & Pick<Confinement, 'roots'> & {
      readonly fileSystems: FileSystems;
    },
): Confined {
  const strangePlaces = new Map(places.map((place) => [JSON.stringify(place.keys), place]));
  const strange = new Map<string, StrangePlace>();
  const allowed = [...roots, ...places.flatMap(({ root }) => root ?? [])];
  for (const [option, value] of Object.entries(entry)) {
    for (const [keys, text] of textsOf(value, [option])) {
      const place = strangePlaces.get(keys);
      if (place !== undefined) strange.set(text, place);
      else if (!notPlaces.has(option)) allowed.push(...placesIn(text));
    }
  }
  const confined = confineFileSystems(fileSystems, allowed);
  for (const [text, place] of strange) checkPlace(name, text, place, confined);
  return { fileSystems: confined, strange: new Set(strange.keys()) };
}

function checkPlace(name: string, text: string, place: StrangePlace, confined: FileSystems): void {
  try {
    fileSystemFor(text, confined).local?.pathOf(text);
  } catch (cause) {
    if (!(cause instanceof DatasetError) || cause.code !== 'path-refused') return;
    const { keys, parameter } = place;
    const source =
      parameter === undefined ? 'runtime parameters' : `the runtime parameter '${parameter}'`;
    throw new DatasetError(
      'path-refused',
      `Dataset '${name}' takes '${keys.join('.')}' from ${source}, which makes it lead out of the project: ${cause.message}`,
      { cause },
    );
  }
}
