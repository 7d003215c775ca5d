import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import type { OptionReader } from './dataset-options.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { createFileDataset } from './file-dataset.ts';
import type { FileFormat } from './file-dataset.ts';

function toFormat(context: DatasetContext, isOfRows: boolean) {
  return (reader: OptionReader): FileFormat => {
    const place = placeOf(context);
    const names = readOptions(reader.map('load_args'), `${place}, load_args`, ['columns']).texts(
      'columns',
    );
    readOptions(reader.map('save_args'), `${place}, save_args`, []);
    return {
      async decode(bytes) {
        const { decodeArrow, toRows } = await import('./arrow-columns.ts');
        const columns = await decodeArrow(bytes, names);
        return isOfRows ? toRows(columns) : columns;
      },
      async encode(data) {
        const { encodeArrow } = await import('./arrow-columns.ts');
        return await encodeArrow(data);
      },
    };
  };
}

/**
 * `arrow.ArrowDataset`: an Arrow file as its columns, `{ delay: Float64Array, origin: [...] }`;
 * rows are saved too. `load_args.columns` names the columns that are read.
 */
export function createArrowDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, toFormat(context, false));
}

/** `pandas.FeatherDataset`: the same files as a list of rows. */
export function createFeatherDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, toFormat(context, true));
}
