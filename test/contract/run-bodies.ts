import fc from 'fast-check';

import { RunRequest } from '../../src/contract/run-request.ts';
import type { SentBody } from './pydantic-oracle.ts';

const fieldNames = Object.keys(RunRequest.shape);

const words = [
  ...[
    'yes',
    'NO',
    'On',
    'off',
    'tRue',
    'FALSE',
    't',
    'f',
    'y',
    'n',
    '1',
    '0',
    ' true',
    'maybe',
    '',
  ],
  ...['SequentialRunner', 'a.b.C', 'a..b', '1a', 'a\n', 'a\n\n', '.a', 'a.', 'a b', 'ünder'],
  ...[
    '__proto__',
    'constructor',
    '_sa_instance',
    '_sa',
    'é',
    '😀',
    '\u2028',
    '</script>',
    '\u007f',
  ],
];

const numbers = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '2',
    '1.0',
    '0.0',
    '-0.0',
    '1e0',
    '0e5',
    '10e-1',
    '2.0',
    '0.5',
    '1E+2',
    '1e-7',
    '1.50',
  ],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809'],
  ...[
    '9.223372036854775807e18',
    '-9.223372036854775808e18',
    '9223372036854774784.0',
    '-1e19',
    '1e300',
    '5e-324',
  ],
  ...[
    '123456789012345678901234567890',
    '1e15',
    '1e16',
    '123456789012345.6',
    '1234567890123456.7',
    '0.0001',
    '0.00001',
    '1e21',
    '1e22',
  ],
  ...[
    '1e400',
    '-1e400',
    'NaN',
    'Infinity',
    '-Infinity',
    '1.7976931348623157e308',
    '4.35',
    '0.1',
    '100',
    '1e-400',
  ],
];

const spaces = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');

/** A string as JSON text, its characters sometimes escaped. */
const quoted = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...words),
      fc.string({ maxLength: 6, unit: 'grapheme' }),
      fc.string({ maxLength: 4, unit: 'binary' }),
    ),
    fc.infiniteStream(fc.nat(9)),
  )
  .map(([text, dice]) => {
    const units = Array.from(text, (character) => {
      if (dice.next().value !== 0) return JSON.stringify(character).slice(1, -1);
      return Array.from(
        { length: character.length },
        (_, at) => String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
      ).join('');
    });
    return `"${units.join('')}"`;
  });

const loneSurrogate = fc.constantFrom(
  ...[
    String.raw`"\ud800"`,
    String.raw`"a\udc00"`,
    String.raw`"\ud83d\u0041"`,
    String.raw`"\uDBFF\uDBFF"`,
  ],
);

const scalar = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('null', 'true', 'false') },
  { weight: 4, arbitrary: fc.constantFrom(...numbers) },
  { weight: 1, arbitrary: fc.double().map((value) => JSON.stringify(value)) },
  { weight: 5, arbitrary: quoted },
  { weight: 1, arbitrary: loneSurrogate },
);

const { value: anyValue } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie('list'), tie('object')),
  list: fc
    .tuple(fc.array(tie('value'), { maxLength: 4 }), spaces)
    .map(([items, space]) => `[${space}${items.join(`,${space}`)}]`),
  object: fc
    .tuple(
      fc.array(fc.tuple(fc.oneof(quoted, loneSurrogate), tie('value')), { maxLength: 4 }),
      spaces,
    )
    .map(
      ([members, space]) => `{${members.map(([k, v]) => `${k}${space}:${v}`).join(',')}${space}}`,
    ),
}));

const names = fc.array(quoted, { maxLength: 3 }).map((items) => `[${items.join(',')}]`);

/** Values that fit some field, so that not every body is refused. */
const fitting = fc.oneof(names, quoted, scalar, fc.constant('{"a": "1"}'), fc.constant('null'));

const member = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constantFrom(...fieldNames).map((name) => `"${name}"`),
      fc.oneof(fitting, anyValue),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(quoted, anyValue) },
);

const objectText = fc
  .tuple(fc.array(member, { maxLength: 5 }), spaces)
  .map(
    ([members, space]) =>
      `${space}{${members.map(([k, v]) => `${space}${k}:${space}${v}`).join(',')}}${space}`,
  );

/** One field with a value that it takes. */
const acceptedText = fc
  .tuple(
    fc.constantFrom('from_inputs', 'to_nodes', 'tags', 'pipeline_names'),
    names,
    fc.constantFrom('is_async', 'only_missing_outputs'),
    fc.constantFrom('true', '"No"', '1', '0.0'),
    fc.oneof(
      fc.constant('null'),
      fc.tuple(quoted, anyValue).map(([k, v]) => `{${k}: ${v}, ${k}: ${v}}`),
    ),
  )
  .map(
    ([list, items, flag, boolean, params]) =>
      `{"${list}": ${items}, "${flag}": ${boolean}, "params": ${params}}`,
  );

const pieces = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u',
  'd83d',
  '-',
  '.',
  'e',
  '0',
  '1',
  'N',
  'tru',
  ' ',
  '\n',
  '\0',
  'é',
  '😀',
  '\ufeff',
];

/** A text with a few characters taken out, put in or cut off. */
const brokenText = fc
  .tuple(
    fc.oneof(objectText, anyValue),
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([text, edits]) => {
    const points = [...text];
    for (const [place, length, piece] of edits) {
      const at = place % (points.length + 1);
      points.splice(at, length, ...(length === 3 ? [] : [piece]));
    }
    return points.join('');
  });

const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''));

const text = fc.oneof(
  { weight: 5, arbitrary: objectText },
  { weight: 3, arbitrary: acceptedText },
  { weight: 5, arbitrary: brokenText },
  { weight: 1, arbitrary: soup },
  { weight: 1, arbitrary: anyValue },
);

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

/** Writes a text in an encoding; a byte order mark is part of the text. */
export function encode(value: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(value);
  if (encoding === 'utf-16le') return Buffer.from(value, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(value, 'utf16le').swap16();
  const points = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  const bytes = Buffer.alloc(points.length * 4);
  points.forEach((point, index) =>
    encoding === 'utf-32le'
      ? bytes.writeUInt32LE(point, index * 4)
      : bytes.writeUInt32BE(point, index * 4),
  );
  return bytes;
}

const encodings: readonly Encoding[] = ['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'];

const bytes = fc.oneof(
  { weight: 12, arbitrary: text.map((value): Uint8Array => encode(value, 'utf-8')) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(text, fc.constantFrom<Encoding>('utf-8', ...encodings), fc.boolean(), fc.nat(9))
      .map(([value, encoding, marked, cut]): Uint8Array => {
        const whole = encode(`${marked ? '\ufeff' : ''}${value}`, encoding);
        return whole.subarray(0, whole.length - (cut > 2 ? 0 : cut));
      }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(text, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 }))
      .map(([value, place, inserted]): Uint8Array => {
        const whole = Buffer.from(value);
        const at = place % (whole.length + 1);
        return Buffer.concat([whole.subarray(0, at), inserted, whole.subarray(at)]);
      }),
  },
);

const contentType = fc.oneof(
  { weight: 20, arbitrary: fc.constant<string | null>('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        null,
        '',
        ';',
        'json',
        'text/plain',
        'APPLICATION/JSON',
        'application/json; charset=utf-16',
      ],
      ...[
        'application/vnd.api+JSON',
        'application/+json',
        'application/json5',
        'application/ json',
      ],
      ...[
        'application/json, text/html',
        'application /json',
        'text/json',
        'application/x+json;a=b/c',
      ],
    ),
  },
);

/** Bodies of every kind: right, wrong in some field, broken, in other encodings and of other types. */
export const sentBodies: fc.Arbitrary<SentBody> = fc.record({ bytes, contentType });
