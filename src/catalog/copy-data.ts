import { DatasetError } from './dataset-error.ts';
import { isPlainObject } from './plain-object.ts';

export type CopyMode = 'assign' | 'copy' | 'deepcopy';

const copyModes: readonly string[] = ['deepcopy', 'copy', 'assign'] satisfies CopyMode[];

function isBuffer(data: unknown): data is ArrayBuffer | ArrayBufferView {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data);
}

/** Throws `DatasetError` (`dataset-invalid`). */
export function parseCopyMode(mode: unknown): CopyMode | undefined {
  if (mode === undefined || mode === null) return undefined;
  if (mode === 'assign' || mode === 'copy' || mode === 'deepcopy') return mode;
  throw new DatasetError(
    'dataset-invalid',
    `Invalid copy mode: ${JSON.stringify(mode)}. Possible values are: ${copyModes.join(', ')}.`,
  );
}

/**
 * Data that anybody could change is copied whole, buffers are copied, and instances of classes
 * (tables, relations, connections) are passed on: Kedro's rule, where its data frames are classes.
 */
export function inferCopyMode(data: unknown): CopyMode {
  if (isBuffer(data)) return 'copy';
  const isPlainData =
    Array.isArray(data) ||
    data instanceof Map ||
    data instanceof Set ||
    data instanceof Date ||
    isPlainObject(data);
  return isPlainData ? 'deepcopy' : 'assign';
}

function copyBuffer(data: ArrayBuffer | ArrayBufferView): unknown {
  if (data instanceof ArrayBuffer) return data.slice();
  return structuredClone(data);
}

function copyDeep(data: unknown, copies: Map<object, unknown>): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const known = copies.get(data);
  if (known !== undefined) return known;
  if (Array.isArray(data)) {
    const copy: unknown[] = [];
    copies.set(data, copy);
    for (const each of data as readonly unknown[]) copy.push(copyDeep(each, copies));
    return copy;
  }
  if (isPlainObject(data)) return copyObject(data, copies);
  if (data instanceof Map) {
    const copy = new Map<unknown, unknown>();
    copies.set(data, copy);
    for (const [key, each] of data) copy.set(copyDeep(key, copies), copyDeep(each, copies));
    return copy;
  }
  if (data instanceof Set) {
    const copy = new Set<unknown>();
    copies.set(data, copy);
    for (const each of data) copy.add(copyDeep(each, copies));
    return copy;
  }
  const copy = data instanceof Date ? new Date(data) : isBuffer(data) ? copyBuffer(data) : data;
  copies.set(data, copy);
  return copy;
}

function copyObject(data: Readonly<Record<string, unknown>>, copies: Map<object, unknown>) {
  const copy: Record<string, unknown> = {};
  copies.set(data, copy);
  for (const key of Object.keys(data)) {
    const value = copyDeep(data[key], copies);
    if (key === '__proto__') {
      Object.defineProperty(copy, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } else copy[key] = value;
  }
  return copy;
}

function copyShallow(data: unknown): unknown {
  if (isBuffer(data)) return copyBuffer(data);
  if (Array.isArray(data)) return [...(data as readonly unknown[])];
  if (data instanceof Map) return new Map(data);
  if (data instanceof Set) return new Set(data);
  if (data instanceof Date) return new Date(data);
  return isPlainObject(data) ? { ...data } : data;
}

/** Copies data by its mode; cycles and shared parts stay as they are, instances are passed on. */
export function copyData(data: unknown, mode: CopyMode): unknown {
  if (mode === 'assign') return data;
  return mode === 'copy' ? copyShallow(data) : copyDeep(data, new Map());
}
