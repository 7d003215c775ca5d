import fc from 'fast-check';

const listFields = [
  ...['from_inputs', 'to_outputs', 'from_nodes', 'to_nodes'],
  ...['node_names', 'tags', 'pipeline_names', 'namespaces'],
];
const otherFields = ['is_async', 'only_missing_outputs', 'load_versions', 'params', 'runner'];

const space = fc.constantFrom('', '', '', ' ', '\n', '\t ', '\r\n');
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const quoted = fc.oneof(
  { weight: 3, arbitrary: text.map((value) => JSON.stringify(value)) },
  fc.constantFrom(String.raw`"\u00e9\u0041"`, String.raw`"\/\b\f"`, '"yes"', '"off"', '"1"', '""'),
);
/** Spelled as JSON allows, and small enough for a double. */
const number = fc.stringMatching(/^-?(0|[1-9]\d{0,22})(\.\d{1,9})?([eE][+-]?\d{1,2})?$/);
const scalar = fc.oneof(number, quoted, fc.constantFrom('null', 'true', 'false'));

const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
  object: objectOf(tie('value')),
}));

/** The JSON text of an object, with white space and, now and then, a name that comes twice. */
function objectOf(values: fc.Arbitrary<string>, names = quoted): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(names, space, space, values), { maxLength: 5 })
    .map((fields) =>
      fields.map(([name, before, after, item]) => `${before}${name}:${after}${item}`).join(','),
    )
    .map((fields) => `{${fields}}`);
}

const strings = fc.array(quoted, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`);
const fieldName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...listFields, ...otherFields) },
  text,
);
const fieldValue = fc.oneof(value, strings, fc.constant('null'), objectOf(quoted));

/** Fields of a run request with values that fit or not; a runner is named that no run gets past. */
export const requestText: fc.Arbitrary<string> = objectOf(
  fieldValue,
  fieldName.map((name) => JSON.stringify(name)),
).map((object) =>
  object === '{}' ? '{"runner":"os.system"}' : `${object.slice(0, -1)},"runner":"os.system"}`,
);

const pieces = [...'{}[]":,\\ \n0.-+e1tfnu/x\'\u00a0é', '😀', 'null', '""', '\\u00', 'Inf', '//'];

/** A request's text with something put in, taken out or cut off. */
export const brokenText: fc.Arbitrary<string> = fc
  .tuple(requestText, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom('', ...pieces), fc.boolean())
  .map(([whole, at, without, piece, cut]) => {
    const characters = [...whole];
    const place = at % (characters.length + 1);
    const rest = cut ? [] : characters.slice(place + without);
    return [...characters.slice(0, place), piece, ...rest].join('');
  })
  .filter((broken) => !/[eE]\+?\d{3}/.test(broken));

/** The JSON text of `params`. */
export const paramsText: fc.Arbitrary<string> = objectOf(
  fc.oneof({ weight: 4, arbitrary: value }, fc.constantFrom('"$greeting"', '"{name}"', '"??"')),
  fc.oneof(quoted, fc.constantFrom('"factor"', '"nested"', '"greeting"', '"threshold"')),
);

const names = {
  pipeline_names: ['chain', 'tree', 'echo', '__default__', 'memory', 'empty', 'nope'],
  tags: ['even', 'ending', 'arith', 'scaling', 'joining', 'nope'],
  node_names: ['double', 'total', 'left.scale', 'left.sum', 'right.inner.sum', 'join', 'nope'],
  from_nodes: ['double', 'total', 'left.scale', 'right.inner.sum', 'join'],
  to_nodes: ['double', 'total', 'left.sum', 'right.inner.scale', 'join'],
  from_inputs: ['numbers', 'doubled', 'left.scaled', 'left.sum', 'params:factor', 'nope'],
  to_outputs: ['doubled', 'total', 'left.scaled', 'right.inner.sum', 'joined'],
  namespaces: ['left', 'right', 'right.inner', 'nope'],
};

const someOf = (from: readonly string[]): fc.Arbitrary<readonly string[] | null> =>
  fc.option(fc.subarray([...from], { maxLength: 2 }), { freq: 5 });

/** Filters that go together more or less. One node at a time, so that the first to fail is known. */
export const filters: fc.Arbitrary<object> = fc.record(
  {
    ...Object.fromEntries(Object.entries(names).map(([field, from]) => [field, someOf(from)])),
    only_missing_outputs: fc.boolean(),
  },
  { requiredKeys: [] },
);

const queryPieces = [
  ...[
    'a',
    'b',
    'place',
    'threshold',
    '=',
    '=',
    ',',
    '.',
    ':',
    '1',
    '0.5',
    '-',
    '_',
    '%20',
    '+',
    '%2C',
  ],
  ...[
    '%3D',
    '%5B',
    '%5D',
    '%7B',
    '%7D',
    '%22',
    "'",
    '%23',
    '!',
    '*',
    '%26',
    '~',
    'null',
    'true',
    '|',
  ],
  ...['%C3%A9', '%F0%9F%98%80', '$', '/', '%0A', '@', '?', '>', 'e5', '%5C', '`'],
];

/** Raw query texts around what `params` takes. */
export const snapshotQuery: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...queryPieces), { maxLength: 12 })
  .map((parts) => `params=${parts.join('')}`);
