import { builtInDatasets } from './built-in-datasets.ts';
import type { Dataset, DatasetContext, DatasetType, DatasetVersion } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { placeOf } from './dataset-options.ts';
import type { FileSystems } from './file-system.ts';
import { isPlainObject } from './plain-object.ts';
import { suggestName } from '../names/suggest-name.ts';

export interface DatasetMaking {
  readonly fileSystems: FileSystems;
  readonly datasetTypes: Readonly<Record<string, DatasetType>>;
  /** Texts that strangers had a part in: they are no type, however a dataset comes to them. */
  readonly strange?: ReadonlySet<string> | undefined;
  readonly onWarning: (message: string) => void;
}

type Make = (options: Readonly<Record<string, unknown>>, context: DatasetContext) => Dataset;

/** Where Kedro looks for a type, in its order. */
const packages = ['kedro.io.', 'kedro_datasets.', ''];

function findType(type: string, datasetTypes: DatasetMaking['datasetTypes']): Make | undefined {
  const prefix = packages.find((each) => type.startsWith(each)) ?? '';
  const name = type.slice(prefix.length);
  const known = [type, name].find((each) => Object.hasOwn(datasetTypes, each));
  const own = known === undefined ? undefined : datasetTypes[known];
  if (own !== undefined) {
    return 'create' in own ? own.create : (options, context) => new own(options, context);
  }
  return Object.hasOwn(builtInDatasets, name) ? builtInDatasets[name] : undefined;
}

function unknownType(
  name: string,
  type: string,
  datasetTypes: DatasetMaking['datasetTypes'],
): DatasetError {
  const known = [...Object.keys(datasetTypes), ...Object.keys(builtInDatasets)];
  const pickle = /pickle/iu.test(type)
    ? " Pickle is Python's own format; json.JSONDataset holds plain values."
    : '';
  return new DatasetError(
    'dataset-type-unknown',
    `Dataset '${name}' has the type '${type}', which is not known.${suggestName(type, known)}${pickle} Known types: ${known.join(', ')}. A class of your own has to be given to the catalog's datasetTypes under that name.`,
  );
}

function strangeType(name: string): DatasetError {
  return new DatasetError(
    'dataset-invalid',
    `Dataset '${name}' takes a type from runtime parameters, which is not permitted: they must not select which dataset class is made, at any depth. Write the type into the catalog.`,
  );
}

/** The type of an entry. Throws `DatasetError` (`dataset-invalid`). */
export function typeOf(name: string, entry: Readonly<Record<string, unknown>>): string {
  const type = Object.hasOwn(entry, 'type') ? entry['type'] : undefined;
  if (typeof type === 'string' && type !== '') return type;
  const problem =
    type === undefined
      ? "'type' is missing from dataset catalog configuration."
      : "'type' has to be a text, the name of a dataset type.";
  throw new DatasetError(
    'dataset-invalid',
    `An exception occurred when parsing config for dataset '${name}':\n${problem}\nHint: If this catalog entry is intended for variable interpolation, make sure that the top level key is preceded by an underscore.`,
  );
}

/**
 * Makes the dataset of an entry; `version` counts where the entry says `versioned: true`. Throws
 * `DatasetError`: `dataset-invalid`, `dataset-type-unknown`, and what the type itself refuses.
 */
export function createDataset(
  name: string,
  entry: Readonly<Record<string, unknown>>,
  version: DatasetVersion,
  making: DatasetMaking,
): Dataset {
  const type = typeOf(name, entry);
  if (making.strange?.has(type) === true) throw strangeType(name);
  const make = findType(type, making.datasetTypes);
  if (make === undefined) throw unknownType(name, type, making.datasetTypes);
  const { type: _, versioned, metadata, version: reserved, validator, ...options } = entry;
  for (const [key, value] of Object.entries({ version: reserved, validator })) {
    if (value !== undefined) {
      making.onWarning(`Dataset '${name}': '${key}' is not used here and has no effect.`);
    }
  }
  const context: DatasetContext = {
    name,
    type,
    version: versioned === true ? version : undefined,
    metadata,
    fileSystems: making.fileSystems,
    onWarning: making.onWarning,
    createDataset: (inner, isVersioned) =>
      createInner(name, inner, isVersioned, { version, making }),
  };
  try {
    return make(options, context);
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${reason}\nFailed to instantiate dataset '${name}' of type '${type}'.`;
    throw new DatasetError('dataset-invalid', message, { cause });
  }
}

function createInner(
  name: string,
  entry: unknown,
  isVersioned: boolean | undefined,
  { version, making }: { readonly version: DatasetVersion; readonly making: DatasetMaking },
): Dataset {
  const inner = typeof entry === 'string' ? { type: entry } : entry;
  if (!isPlainObject(inner)) {
    const context = { name, type: 'dataset' };
    throw new DatasetError('dataset-invalid', `${placeOf(context)}: it has to be a map or a type.`);
  }
  if (isVersioned === undefined) return createDataset(name, inner, version, making);
  if (Object.hasOwn(inner, 'versioned')) {
    throw new DatasetError(
      'dataset-invalid',
      `Dataset '${name}': cached datasets should specify that they are versioned in the 'CachedDataset', not in the wrapped dataset.`,
    );
  }
  return createDataset(name, { ...inner, versioned: isVersioned }, version, making);
}
