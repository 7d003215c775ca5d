import { types } from 'node:util';

const errors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

/** What a structured clone keeps as it is, by prototype, besides bytes. */
const kept = new Set<unknown>([
  null,
  ...[Object, Array, Map, Set, Date, RegExp, ...errors].map(({ prototype }): unknown => prototype),
]);

/** Node's `Buffer` would arrive as another class. */
function isBytes(value: object): boolean {
  return ArrayBuffer.isView(value) ? !Buffer.isBuffer(value) : types.isAnyArrayBuffer(value);
}

function isLost(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return true;
  if (typeof value !== 'object' || value === null || isBytes(value)) return false;
  return !kept.has(Object.getPrototypeOf(value));
}

/** `toStep` makes of a key what messages add to the parent's place. */
type Visit = (part: unknown, key: unknown, toStep: (key: unknown) => string) => void;

const steps = {
  index: (key: unknown) => `[${String(key)}]`,
  mapKey: () => '.keys()',
  mapValue: (key: unknown) => `.get(${String(key)})`,
  setValue: () => '.values()',
};

function visitParts(value: object, visit: Visit): void {
  if (isBytes(value)) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) visit(value[index], index, steps.index);
  } else if (value instanceof Map) {
    for (const [key, each] of value) {
      visit(key, key, steps.mapKey);
      visit(each, key, steps.mapValue);
    }
  } else if (value instanceof Set) {
    for (const each of value) visit(each, each, steps.setValue);
  } else {
    const parts: readonly unknown[] = Object.values(value);
    for (let index = 0; index < parts.length; index += 1) {
      visit(parts[index], index, (place) => `.${Object.keys(value)[Number(place)]}`);
    }
  }
}

/** Visits data and all that it holds, each object once; `see` ends it by returning true. */
function search(data: unknown, see: (value: unknown) => boolean): boolean {
  const seen = new Set<object>();
  const open: unknown[] = [data];
  const add = (part: unknown): void => {
    if (typeof part === 'object' || typeof part === 'function' || typeof part === 'symbol') {
      open.push(part);
    }
  };
  while (open.length > 0) {
    const value = open.pop();
    if (see(value)) return true;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    visitParts(value, add);
  }
  return false;
}

/** How messages call a value that a clone would lose. */
function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const { constructor } = value;
  return typeof constructor === 'function' ? `an instance of ${constructor.name}` : 'an object';
}

function placeOfLost(data: unknown): string | undefined {
  const places = new Map<object, string>();
  const open: object[] = [];
  let found: string | undefined;
  const look = (value: unknown, place: string): void => {
    if (isLost(value)) found ??= `${place} is ${kindOf(value)}`;
    else if (typeof value === 'object' && value !== null && !places.has(value)) {
      places.set(value, place);
      open.push(value);
    }
  };
  look(data, 'data');
  // Breadth first, and the list grows on the way.
  for (const next of open) {
    const parent = places.get(next) ?? '';
    visitParts(next, (part, key, toStep) => look(part, parent + toStep(key)));
  }
  return found;
}

/**
 * What of the data would be lost or changed on its way to another thread, as
 * `data[3].price is a function`; undefined when all of it arrives. A structured clone throws for
 * functions only, and makes plain objects of instances without a word.
 */
export function findUncloneable(data: unknown): string | undefined {
  return search(data, isLost) ? placeOfLost(data) : undefined;
}

/** The buffers of data that is nobody else's: they can be handed over instead of copied. */
export function buffersOf(data: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  search(data, (value) => {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    if (buffer instanceof ArrayBuffer) buffers.add(buffer);
    return false;
  });
  return [...buffers];
}
