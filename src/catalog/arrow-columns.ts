import type { ColumnKind } from './column-kind.ts';
import { findColumnKind } from './column-kind.ts';
import { decodeLz4Frame } from './decode-lz4-frame.ts';
import { isPlainObject } from './plain-object.ts';
import type { Row } from './rows.ts';
import { checkRows, columnsOf, setColumn, valuesOf } from './rows.ts';

/** The values of a column. */
export type Values = readonly unknown[] | NumberArray;

/** A table by its columns: an array for each, all of one length; numbers may be typed arrays. */
export type Columns = Readonly<Record<string, Values>>;

const numberArrays = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

type NumberArray = InstanceType<(typeof numberArrays)[number]>;

function isNumberArray(value: unknown): value is NumberArray {
  return numberArrays.some((each) => value instanceof each);
}

/** Throws `TypeError` for what is neither columns of one length nor a list of rows. */
function checkColumns(data: unknown): readonly (readonly [string, Values])[] {
  if (!isPlainObject(data)) {
    const rows = checkRows(data);
    return columnsOf(rows).map((name) => [name, valuesOf(name, rows)]);
  }
  let length: number | undefined;
  return Object.entries(data).map(([name, values]) => {
    const isColumn = Array.isArray(values) || isNumberArray(values);
    if (isColumn && values.length === (length ?? values.length)) {
      length = values.length;
      return [name, values];
    }
    throw new TypeError(
      `A table is saved from a list of rows, or from an object with an array for each column, all of one length; '${name}' is ${isColumn ? 'of another' : 'none'}.`,
    );
  });
}

async function loadFlechette() {
  const flechette = await import('@uwdata/flechette');
  const { CompressionType, setCompressionCodec } = flechette;
  const encode = (): never => {
    throw new TypeError('Arrow files are written without compression.');
  };
  setCompressionCodec(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame, encode });
  const { compressors } = await import('hyparquet-compressors');
  const decodeZstd = compressors.ZSTD;
  if (decodeZstd !== undefined) {
    const decode = (bytes: Uint8Array, size: number) => decodeZstd(bytes, size).slice();
    setCompressionCodec(CompressionType.ZSTD, { decode, encode });
  }
  return flechette;
}

/** 64-bit integers as numbers, where none is too large. */
function withoutBigints(values: Values): Values {
  if (
    isNumberArray(values) &&
    !(values instanceof BigInt64Array || values instanceof BigUint64Array)
  ) {
    return values;
  }
  const list: unknown[] = Array.from<unknown>(values);
  const isExact = list.every(
    (value) => typeof value !== 'bigint' || Number.isSafeInteger(Number(value)),
  );
  return isExact ? list.map((value) => (typeof value === 'bigint' ? Number(value) : value)) : list;
}

/** The columns of an Arrow file or stream (Feather 2), those that are named or all. */
export async function decodeArrow(
  bytes: Uint8Array,
  names: readonly string[] | undefined,
): Promise<Columns> {
  const { tableFromIPC } = await loadFlechette();
  // Columns are views of the bytes, which have to begin where numbers of 64 bits may.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const table = tableFromIPC(aligned, { useDate: true, useBigInt: true });
  const columns: Record<string, Values> = {};
  for (const name of names ?? table.names) {
    const index = table.names.indexOf(name);
    if (index === -1) {
      throw new TypeError(`The file has no column '${name}': it has ${table.names.join(', ')}.`);
    }
    const values: unknown = table.getChildAt(index).toArray();
    const isColumn = Array.isArray(values) || isNumberArray(values);
    setColumn(columns, name, withoutBigints(isColumn ? values : [...table.getChildAt(index)]));
  }
  return columns;
}

/** The same table as a list of rows. */
export function toRows(columns: Columns): readonly Row[] {
  const entries = Object.entries(columns);
  const length = entries[0]?.[1].length ?? 0;
  return Array.from({ length }, (_, index) => {
    const row: Record<string, unknown> = {};
    for (const [name, values] of entries) setColumn(row, name, values[index]);
    return row;
  });
}

/**
 * An Arrow file of rows or columns. Typed arrays keep their type, whole numbers are 64-bit
 * integers, as pandas writes them. Throws `TypeError` for columns of several kinds.
 */
export async function encodeArrow(data: unknown): Promise<Uint8Array> {
  const columns = checkColumns(data);
  const flechette = await loadFlechette();
  const types = {
    bigint: flechette.int64,
    boolean: flechette.bool,
    date: () => flechette.timestamp(flechette.TimeUnit.MILLISECOND),
    integer: flechette.int64,
    number: flechette.float64,
    string: flechette.utf8,
    json: () => {
      throw new TypeError('Arrow files are written of texts, numbers, booleans and dates only.');
    },
  } as const satisfies Record<ColumnKind, unknown>;
  const encoded = columns.map(([name, values]): [string, ReturnType<typeof encodeColumn>] => [
    name,
    encodeColumn(name, values),
  ]);

  function encodeColumn(name: string, values: Values) {
    if (isNumberArray(values)) return flechette.columnFromArray(values);
    const list = values.map((value) => value ?? null);
    const kind = findColumnKind(name, list, 'Arrow');
    return flechette.columnFromArray(list, types[kind ?? 'string']());
  }

  const table = flechette.tableFromColumns(encoded);
  return flechette.tableToIPC(table, { format: 'file' }) ?? new Uint8Array();
}
