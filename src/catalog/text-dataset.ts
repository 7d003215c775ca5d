import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { decodeText } from './decode-text.ts';
import { createFileDataset } from './file-dataset.ts';

/** `text.TextDataset`: a UTF-8 file as one string. */
export function createTextDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, () => ({
    decode: decodeText,
    encode(data) {
      if (typeof data === 'string') return data;
      throw new TypeError(
        `Only text can be saved, not a value of type '${typeof data}'. Return a string, or use json.JSONDataset.`,
      );
    },
  }));
}
