import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { decodeText } from './decode-text.ts';
import { createFileDataset } from './file-dataset.ts';
import { isPlainObject } from './plain-object.ts';

/** What JSON would drop or change without a word, and where it is; undefined when there is none. */
function findUnsupported(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : ` is ${value}`;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const found = findUnsupported(value[index]);
      if (found !== undefined) return `[${index}]${found}`;
    }
    return undefined;
  }
  if (isPlainObject(value)) {
    for (const key of Object.keys(value)) {
      const each = value[key];
      const found = each === undefined ? undefined : findUnsupported(each);
      if (found !== undefined) return `.${key}${found}`;
    }
    return undefined;
  }
  if (typeof value !== 'object') return ` is of type '${typeof value}'`;
  return 'toJSON' in value ? undefined : ` is an instance of ${value.constructor.name}`;
}

/**
 * `json.JSONDataset`: any JSON value. `save_args.indent` is 2 where it is not given, 0 or null for
 * one line. Refuses to save what JSON cannot hold: maps, sets, NaN.
 */
export function createJsonDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, (reader) => {
    const saveArgs = readOptions(reader.map('save_args'), `${placeOf(context)}, save_args`, [
      'indent',
    ]);
    const indent = saveArgs.raw('indent') === null ? 0 : (saveArgs.number('indent') ?? 2);
    return {
      decode: (bytes) => JSON.parse(decodeText(bytes)) as unknown,
      encode(data) {
        const text = JSON.stringify(data, null, indent);
        const unsupported = findUnsupported(data);
        if (unsupported === undefined) return text;
        throw new TypeError(
          `JSON cannot hold the data: 'data${unsupported}'. Convert it in the node.`,
        );
      },
    };
  });
}
