import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import type { OptionReader } from './dataset-options.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { createFileDataset } from './file-dataset.ts';
import { inferColumn } from './infer-column.ts';
import type { Row } from './rows.ts';
import { checkRows, columnsOf, setColumn, uniqueNames, valuesOf } from './rows.ts';

/** Texts are read as those of a CSV file are, as pandas does; other cells are what they are. */
function inferCells(cells: readonly unknown[]): readonly unknown[] {
  const texts = cells.map((cell) => cell ?? '').filter((cell) => typeof cell === 'string');
  if (texts.length < cells.length) {
    const inferred = new Map(texts.map((text) => [text, inferColumn([text])[0]]));
    return cells.map((cell) =>
      typeof cell === 'string' && inferred.get(cell) === null ? null : cell,
    );
  }
  return inferColumn(texts);
}

async function decodeSheet(bytes: Uint8Array, wanted: string | number): Promise<readonly Row[]> {
  const { readXlsx } = await import('hucre/xlsx');
  const [sheet] = (await readXlsx(bytes, { sheets: [wanted] })).sheets;
  if (sheet === undefined) throw new TypeError(`The file has no sheet '${wanted}'.`);
  const last = sheet.rows.findLastIndex((cells) =>
    cells.some((cell) => cell !== null && cell !== ''),
  );
  const [header, ...body] = sheet.rows.slice(0, last + 1);
  if (header === undefined) return [];
  const titles = header.map((title, at) => (title === null ? `Unnamed: ${at}` : String(title)));
  const rows = body.map((): Record<string, unknown> => ({}));
  for (const [column, name] of uniqueNames(titles).entries()) {
    const values = inferCells(body.map((cells) => cells[column] ?? null));
    for (const [index, row] of rows.entries()) setColumn(row, name, values[index]);
  }
  return rows;
}

function toCell(value: unknown, name: string, index: number) {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return value;
  throw new TypeError(
    `Excel cannot hold the value of '${name}' in row ${index + 1}: it is of type '${typeof value}'. Make a text or a number of it in the node.`,
  );
}

async function encodeSheet(data: unknown, name: string): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  const rows = checkRows(data);
  const names = columnsOf(rows);
  const columns = names.map((each) =>
    valuesOf(each, rows).map((value, index) => toCell(value, each, index)),
  );
  const body = rows.map((_, index) => columns.map((cells) => cells[index] ?? null));
  return await writeXlsx({ sheets: [{ name, rows: [[...names], ...body] }] });
}

/** A name, or a place from 0. */
function readSheetName(args: OptionReader, context: DatasetContext): string | number {
  const name = args.raw('sheet_name') ?? 0;
  if (typeof name === 'string') return name;
  if (typeof name === 'number' && Number.isSafeInteger(name) && name >= 0) return name;
  throw new DatasetError(
    'dataset-invalid',
    `${placeOf(context)}: 'sheet_name' has to be the name or the place of one sheet, from 0.`,
  );
}

/**
 * `excel.ExcelDataset`, also as `pandas.ExcelDataset`: one sheet of an XLSX file, with a header,
 * as a list of rows. `load_args`: `sheet_name`. `save_args`: `sheet_name`, and `index: false`, as
 * there is none.
 */
export function createExcelDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, (reader) => {
    const place = placeOf(context);
    const load = readOptions(reader.map('load_args'), `${place}, load_args`, ['sheet_name']);
    const save = readOptions(reader.map('save_args'), `${place}, save_args`, [
      'sheet_name',
      'index',
    ]);
    if (save.flag('index') ?? false) {
      throw new DatasetError(
        'dataset-invalid',
        `${place}: only 'index: false' in save_args is supported: rows have no index.`,
      );
    }
    const loaded = readSheetName(load, context);
    const saved = save.text('sheet_name') ?? 'Sheet1';
    return {
      decode: async (bytes) => await decodeSheet(bytes, loaded),
      encode: async (data) => await encodeSheet(data, saved),
    };
  });
}
