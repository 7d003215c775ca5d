import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { createFileDataset } from './file-dataset.ts';
import type { FileSlices } from './file-system.ts';
import { toParquetColumn } from './parquet-column.ts';
import { checkRows, columnsOf, withNumbers } from './rows.ts';

async function decodeRows(file: FileSlices, columns: readonly string[] | undefined) {
  const { parquetReadObjects } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const { SNAPPY: _, ...others } = compressors;
  const rows = await parquetReadObjects({
    file,
    compressors: others,
    ...(columns === undefined ? {} : { columns: [...columns] }),
  });
  return withNumbers(rows);
}

async function encodeRows(data: unknown): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const rows = checkRows(data);
  const columnData = columnsOf(rows).map((name) => toParquetColumn(name, rows));
  if (columnData.length === 0) {
    throw new TypeError('Parquet needs columns: there are no rows to take them from.');
  }
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/**
 * `parquet.ParquetDataset`, also as `pandas.ParquetDataset`: a table as a list of rows.
 * `load_args.columns` names the columns that are read.
 */
export function createParquetDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, (reader) => {
    const place = placeOf(context);
    const columns = readOptions(reader.map('load_args'), `${place}, load_args`, ['columns']).texts(
      'columns',
    );
    readOptions(reader.map('save_args'), `${place}, save_args`, []);
    return {
      decode(bytes) {
        const buffer = new Uint8Array(bytes).buffer;
        const slice = async (start: number, end?: number) => buffer.slice(start, end);
        return decodeRows({ byteLength: buffer.byteLength, slice }, columns);
      },
      encode: encodeRows,
      async readFrom(fileSystem, path) {
        if (fileSystem.open === undefined) return await this.decode(await fileSystem.read(path));
        return await decodeRows(await fileSystem.open(path), columns);
      },
    };
  });
}
