import { json, type ParityCase, run, runs, sends } from '../parity-case.ts';

const lists = [
  'from_inputs',
  'to_outputs',
  'from_nodes',
  'to_nodes',
  'node_names',
  'tags',
  'pipeline_names',
  'namespaces',
];
const flags = ['is_async', 'only_missing_outputs'];

/** A runner that is refused at once: what is read leniently is then seen without a run. */
const refused = '"runner": "os.system"';

/** JSON texts of every kind of value. */
const values = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '2',
  '-1',
  '1.0',
  '1.5',
  '-0.0',
  '1e2',
  '12345678901234567890123',
  '""',
  '"text"',
  '"a,b"',
  '[]',
  '{}',
  '["a", 1]',
  '["a", null]',
  '["a", ["b"]]',
  '[1, true, 2.50, {"k": [1e3]}]',
  '{"a": "b"}',
  '{"a": 1}',
  '{"a": null, "b": ["c"], "1": 1.0}',
  '{"": "", "a b": "\\u00e9\\ud83d\\ude00"}',
];

const booleanSpellings = [
  ...[
    '"yes"',
    '"no"',
    '"on"',
    '"off"',
    '"true"',
    '"false"',
    '"t"',
    '"f"',
    '"y"',
    '"n"',
    '"1"',
    '"0"',
  ],
  ...['"YES"', '"No"', '"oN"', '"TRUE"', '"False"', '"T"', '"N"'],
  ...[
    '" true"',
    '"true "',
    '"yess"',
    '"2"',
    '"1.0"',
    '"0.0"',
    '"null"',
    '"-1"',
    '"\\u0130"',
    '"\\uff54rue"',
  ],
  ...[
    '1',
    '0',
    '1.0',
    '0.0',
    '-0',
    '-0.0',
    '1e0',
    '0e5',
    '10e-1',
    '2',
    '-1',
    '2.0',
    '0.5',
    '1.0000000000000001',
  ],
  ...[
    '1e-400',
    '9007199254740993',
    '123456789012345678901234567890',
    '-123456789012345678901234567890',
    '1e308',
  ],
  ...['[true]', '{"a": true}', '[]', '{}'],
];

const runners = [
  ...[
    '',
    ' ',
    'a b',
    '1Runner',
    '.Runner',
    'Runner.',
    'a..b',
    'a-b',
    'a/b',
    'Sequential\\nRunner',
    'Runner\\n',
  ],
  ...[
    'Ünder',
    '_',
    '__class__',
    'SequentialRunner ',
    'a.b.c.d',
    'a.1b',
    "it's",
    'say \\"hi\\"',
    '\\u0000',
    '\\ud83d\\ude00',
  ],
];

/** Texts that are no JSON, with what is wrong at several places. */
const brokenTexts = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
  ],
  ...[
    "{'a':1}",
    '{"a":1 "b":2}',
    '{"a":1}}',
    '{"a":1} x',
    '{}{}',
    '[1,]',
    '[1 2]',
    '[,1]',
    '[1',
    'tru',
    'True',
    'nul',
  ],
  ...[
    'nulll',
    'undefined',
    'NAN',
    '+1',
    '.5',
    '1.',
    '01',
    '-',
    '--1',
    '1e',
    '1e+',
    '0x10',
    '1_000',
    '١',
    '"\\x"',
  ],
  ...[
    '"\\u12"',
    '"\\u12g4"',
    '"a\nb"',
    '"a\tb"',
    '"\u0000"',
    '{"a":"b\\"}',
    '// comment\n{}',
    '/**/{}',
    '{} //',
    '#',
  ],
  ...[
    ' ',
    '\n',
    '\t\r\n ',
    '\u00a0{}',
    '\u2028{}',
    '{}\u0000',
    '\u000b{}',
    '\f{}',
    '{"é": tru}',
    '{"😀": tru}',
  ],
  ...[
    '{\n  "tags": ["a",\n  "b"\n  "c"]\n}',
    '{"tags": [1, 2, }',
    '{"a": "\\',
    '<run/>',
    'a=1&b=2',
    '-Infinit',
    'Na',
  ],
  ...[
    '{"a":\r\n\r\nx}',
    '[[[[',
    '[[[]]',
    '{"a":{"b":{"c":}}}',
    '[1,\n2,\n3,\n}',
    '{"\\ud83d": x}',
    '{"a":1,\n"a"}',
  ],
];

const contentTypes = [
  ...[
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=latin-1',
  ],
  ...[
    'application/json; charset=utf-16',
    'application/json;',
    'application/json ; a=b',
    ' application/json',
    'application/json, text/html',
  ],
  ...[
    'application/vnd.api+json',
    'application/geo+json; charset=utf-8',
    'application/problem+JSON',
    'application/x+y+json',
    'application/+json',
  ],
  ...[
    'text/json',
    'text/x+json',
    'application/x-json',
    'application/jsonp',
    'application/json5',
    'application/json-seq',
    'application/ld+jsonx',
  ],
  ...[
    'text/plain',
    'text/html',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ],
  ...[
    '',
    ';',
    '/',
    'json',
    'application',
    'application/',
    '/json',
    'application/ json',
    'application/json/x',
    'nonsense',
    '*/*',
  ],
];

const text = `{${refused}}`;

function encoded(name: string, body: Uint8Array): ParityCase {
  return sends(name, { method: 'POST', path: '/run', headers: json, body });
}

function utf16(value: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(value, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

function utf32(value: string, bigEndian: boolean): Buffer {
  const points = [...value].map((char) => char.codePointAt(0) ?? 0);
  const bytes = Buffer.alloc(points.length * 4);
  points.forEach((point, index) => {
    if (bigEndian) bytes.writeUInt32BE(point, index * 4);
    else bytes.writeUInt32LE(point, index * 4);
  });
  return bytes;
}

const bytes = (...values_: number[]): Buffer => Buffer.from(values_);

const encodings: readonly ParityCase[] = [
  encoded('UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)),
  encoded('a byte order mark alone', bytes(0xef, 0xbb, 0xbf)),
  encoded('two byte order marks', Buffer.from(`\ufeff\ufeff${text}`)),
  ...[true, false].flatMap((bigEndian) => {
    const order = bigEndian ? 'big' : 'little';
    return [
      encoded(`UTF-16, ${order} endian`, utf16(text, bigEndian)),
      encoded(`UTF-16 with a mark, ${order} endian`, utf16(`\ufeff${text}`, bigEndian)),
      encoded(`UTF-32, ${order} endian`, utf32(text, bigEndian)),
      encoded(`UTF-32 with a mark, ${order} endian`, utf32(`\ufeff${text}`, bigEndian)),
      encoded(`broken JSON in UTF-16, ${order} endian`, utf16('{"a": tru}', bigEndian)),
      encoded(`an emoji in UTF-16, ${order} endian`, utf16('{"😀é": 1}', bigEndian)),
      encoded(
        `UTF-16 of an odd length, ${order} endian`,
        Buffer.concat([utf16(text, bigEndian), bytes(0)]),
      ),
      encoded(`one character of UTF-16, ${order} endian`, utf16('7', bigEndian)),
    ];
  }),
  encoded('Latin-1 text', Buffer.from('{"é": 1}', 'latin1')),
  encoded('a byte that is no UTF-8', bytes(0x7b, 0xff, 0x7d)),
  encoded('an overlong form', bytes(0x22, 0xc0, 0xaf, 0x22)),
  encoded(
    'a surrogate written as UTF-8 in a text that is refused anyway',
    Buffer.from([0x7b, 0xed, 0xa0]),
  ),
  encoded('UTF-8 cut in the middle of a character', Buffer.from('{"a": "é').subarray(0, 8)),
  encoded('a single zero byte', bytes(0)),
  encoded('two zero bytes', bytes(0, 0)),
  encoded('four zero bytes', bytes(0, 0, 0, 0)),
  encoded('compressed bytes', bytes(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0)),
  sends('a body said to be compressed', {
    ...run(text),
    headers: { ...json, 'content-encoding': 'gzip' },
  }),
];

const framings: readonly ParityCase[] = [
  sends('POST /run without a body', { method: 'POST', path: '/run' }),
  sends('POST /run without a body, sent as JSON', { method: 'POST', path: '/run', headers: json }),
  sends('an empty body', { method: 'POST', path: '/run', headers: json, body: '' }),
  sends('an empty body in chunks', { ...run(''), chunked: true }),
  sends('a body in chunks', { ...run(text), chunked: true }),
  sends('a broken body in chunks', { ...run('{"tags": ['), chunked: true }),
  sends('a body without a content type', { method: 'POST', path: '/run', body: text }),
  sends('a broken body without a content type', { method: 'POST', path: '/run', body: '{"a":' }),
  ...contentTypes.map((type) =>
    sends(`sent as "${type}"`, { ...run(text), headers: { 'content-type': type } }),
  ),
  sends('a broken body sent as plain text', {
    ...run('{"tags": ['),
    headers: { 'content-type': 'text/plain' },
  }),
  sends('a form', {
    ...run('runner=SequentialRunner&tags=a'),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }),
];

const shapes: readonly ParityCase[] = [
  ...values.map((value) => runs(`a body that is ${value}`, value)),
  ...lists.flatMap((field) =>
    values
      .filter((value) => value !== 'null' && value !== '[]')
      .map((value) => runs(`${field}: ${value}`, `{"${field}": ${value}}`)),
  ),
  ...['load_versions', 'params', 'runner'].flatMap((field) =>
    values
      .filter((value) => !(field === 'params' && (value === 'null' || value.startsWith('{'))))
      .map((value) => runs(`${field}: ${value}`, `{"${field}": ${value}, "zzz": 0}`)),
  ),
  ...flags.flatMap((field) => [
    runs(`${field}: null`, `{"${field}": null}`),
    ...booleanSpellings.map((value) =>
      runs(`${field}: ${value}`, `{"${field}": ${value}, ${refused}}`),
    ),
  ]),
  ...runners.map((name) => runs(`a runner named "${name}"`, `{"runner": "${name}"}`)),
  runs('an extra field', { extra: 1 }),
  runs('fields of the command line', { env: 'staging', conf_source: '/tmp' }),
  runs('a field in another case', { Tags: ['a'], TAGS: [], pipeline_name: 'x', 'tags ': [] }),
  runs(
    'names of the language',
    '{"__proto__": {"tags": 1}, "constructor": 1, "model_config": {}, "self": 1}',
  ),
  runs(
    'fields in another order, wrong ones last',
    '{"zz": 1, "params": 1, "aa": {"b": 1.0}, "tags": 5, "from_inputs": {}}',
  ),
  runs(
    'everything wrong at once',
    `{${[...lists, ...flags, 'runner', 'load_versions', 'params', 'x', 'y'].map((field) => `"${field}": [[]]`).join(', ')}}`,
  ),
  runs('duplicate fields, the last one counts', `{"tags": 5, "tags": ["a"], ${refused}}`),
  runs('duplicate fields, the last one wrong', '{"tags": ["a"], "tags": 5}'),
  runs('duplicate extra fields', '{"x": 1, "y": 2, "x": 3}'),
  runs('duplicate keys inside a value', '{"x": {"a": 1, "b": 2, "a": 3}}'),
  runs('many wrong items', { tags: Array.from({ length: 200 }, (_, index) => index) }),
  runs(
    'many extra fields',
    Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, i])),
  ),
  runs('numeric names in order', '{"10": 1, "9": 2, "a": 3, "1": 4, "-1": 5}'),
  runs('a field with an empty name', '{"": 1}'),
  runs(
    'numbers that are echoed',
    '{"x": [1.0, 1e2, -0.0, 0.1, 1e-7, 1E+22, 1e16, 123456789012345678901, 5e-324, 1.7976931348623157e308, 100000000000000000000.0, 0.00001, 123456789.123456789]}',
  ),
  runs(
    'text that is echoed',
    '{"x": ["é", "\\u00e9", "\\ud83d\\ude00", "</script>", "\\u0000", "\\u001f\\u007f", "\\/", "\\b\\f\\n\\r\\t\\"\\\\", "\\u2028"]}',
  ),
  runs('white space around', ` \r\n\t{ "x" :\n1 } \n`),
  runs(
    'load versions of wrong kinds',
    '{"load_versions": {"a": 1, "b": null, "c": ["d"], "": true, "e.f": 1.0, "ok": "v"}}',
  ),
  runs('400 levels of lists', `{"x": ${'['.repeat(400)}${']'.repeat(400)}}`),
  runs('400 levels of objects', `{"x": ${'{"a":'.repeat(400)}1${'}'.repeat(400)}}`),
  runs('100,000 open lists', '['.repeat(100_000)),
  runs('100,000 levels of lists', `{"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  runs('100,000 levels of objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  runs('an integer of 4,300 digits', `{"x": ${'9'.repeat(4300)}}`),
  runs('an integer of 4,301 digits', `{"x": ${'9'.repeat(4301)}}`),
  runs('a negative integer of 4,301 digits', `{"x": -${'9'.repeat(4301)}}`),
  runs('a fraction of 5,000 digits', `{"x": 0.${'3'.repeat(5000)}}`),
  runs('a long text', { x: 'y'.repeat(100_000) }),
];

export const bodyCases: readonly ParityCase[] = [
  ...framings,
  ...encodings,
  ...brokenTexts.map((broken) => runs(`broken JSON ${JSON.stringify(broken)}`, broken)),
  ...shapes,
];
