import type { DSV } from 'd3-dsv';

import type { Dataset, DatasetContext, DatasetOptions } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import type { OptionReader } from './dataset-options.ts';
import { placeOf, readOptions } from './dataset-options.ts';
import { decodeText } from './decode-text.ts';
import { createFileDataset } from './file-dataset.ts';
import { inferColumn } from './infer-column.ts';
import type { Row } from './rows.ts';
import { checkRows, columnsOf, setColumn, uniqueNames } from './rows.ts';

/** No file ends in it, so a quote that is never closed shows by having swallowed it. */
const endMark = '\u0000end of file';

async function formatFor(separator: string): Promise<DSV> {
  const { dsvFormat } = await import('d3-dsv');
  return dsvFormat(separator);
}

function parseTable(text: string, format: DSV): readonly (readonly string[])[] {
  const ending = text === '' || /[\r\n]$/u.test(text) ? '' : '\n';
  const rows = format.parseRows(`${text}${ending}${endMark}`);
  const last = rows.pop();
  if (last?.length !== 1 || last[0] !== endMark) {
    throw new SyntaxError(
      `The quote that begins in row ${rows.length + 1} is never closed. Was the file cut off?`,
    );
  }
  return rows.filter((row) => row.length > 1 || !/^[ \t]*$/u.test(row[0] ?? ''));
}

async function decodeTable(
  text: string,
  separator: string,
  isTextOnly: boolean,
): Promise<readonly Row[]> {
  const quotedNothing = /^""(?=\r?$)/gmu;
  const firstLine = /^[^\r\n]*/u.exec(text)?.[0] ?? '';
  // A missing value alone in its row is quoted, or it would be a blank line.
  const isOneColumn = !firstLine.includes(separator);
  const [header, ...body] = parseTable(
    isOneColumn ? text.replaceAll(quotedNothing, 'NA') : text,
    await formatFor(separator),
  );
  if (header === undefined) return [];
  for (const [index, cells] of body.entries()) {
    if (cells.length <= header.length) continue;
    throw new SyntaxError(
      `Row ${index + 2} has ${cells.length} fields where the header has ${header.length}. Quote fields that hold a '${separator}', or give the right 'sep' in load_args.`,
    );
  }
  const names = uniqueNames(header);
  const rows = body.map((): Record<string, unknown> => ({}));
  for (const [column, name] of names.entries()) {
    const texts = body.map((cells) => cells[column] ?? '');
    const values = isTextOnly ? texts : inferColumn(texts);
    for (const [index, row] of rows.entries()) setColumn(row, name, values[index]);
  }
  return rows;
}

function toCell(value: unknown, name: string, index: number): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isNaN(value) ? '' : numberText(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new TypeError(
    `CSV cannot hold the value of '${name}' in row ${index + 1}: it is of type '${typeof value}'. Make a text or a number of it in the node.`,
  );
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

async function encodeTable(data: unknown, separator: string, hasHeader: boolean): Promise<string> {
  const rows = checkRows(data);
  const names = columnsOf(rows);
  if (names.length === 0) return '';
  const cells = rows.map((row, index) =>
    names.map((name) => toCell(Object.hasOwn(row, name) ? row[name] : null, name, index)),
  );
  const format = await formatFor(separator);
  const lines = (hasHeader ? [[...names], ...cells] : cells).map((row) => format.formatRow(row));
  return `${lines.map((line) => (line === '' ? '""' : line)).join('\n')}\n`;
}

function readSeparator(args: OptionReader, context: DatasetContext): string {
  const separator = args.text('sep') ?? args.text('delimiter') ?? ',';
  if (separator.length === 1 && !/["\r\n]/u.test(separator)) return separator;
  throw new DatasetError(
    'dataset-invalid',
    `${placeOf(context)}: 'sep' has to be one character, not ${JSON.stringify(separator)}.`,
  );
}

/**
 * `csv.CSVDataset`, also as `pandas.CSVDataset`: a UTF-8 file with a header as a list of rows.
 * `load_args`: `sep` or `delimiter`, `dtype: str` for texts only. `save_args`: `sep`, `header`, and
 * `index: false`, as there is none.
 */
export function createCsvDataset(options: DatasetOptions, context: DatasetContext): Dataset {
  return createFileDataset(options, context, (reader) => {
    const place = placeOf(context);
    const load = readOptions(reader.map('load_args'), `${place}, load_args`, [
      'sep',
      'delimiter',
      'dtype',
    ]);
    const save = readOptions(reader.map('save_args'), `${place}, save_args`, [
      'sep',
      'header',
      'index',
    ]);
    if ((save.flag('index') ?? false) || ![undefined, 'str'].includes(load.text('dtype'))) {
      throw new DatasetError(
        'dataset-invalid',
        `${place}: only 'index: false' in save_args and 'dtype: str' in load_args are supported; rows have no index, and other kinds are inferred.`,
      );
    }
    const [loadSeparator, saveSeparator] = [
      readSeparator(load, context),
      readSeparator(save, context),
    ];
    const isTextOnly = load.text('dtype') === 'str';
    const hasHeader = save.flag('header') ?? true;
    return {
      decode: (bytes) => decodeTable(decodeText(bytes), loadSeparator, isTextOnly),
      encode: (data) => encodeTable(data, saveSeparator, hasHeader),
    };
  });
}
