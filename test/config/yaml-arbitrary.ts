import fc from 'fast-check';

const numberPart = fc.constantFrom(
  ...['0', '1', '7', '8', '9', '12', '60', '59', '00', '_', '.', '-', '+', ':', 'e', 'E', 'e5'],
  ...['0x', '0b', '0o', 'a', 'f', 'inf', '.inf', 'nan', '.NaN'],
);
const scalarPart = fc.constantFrom(
  ...['true', 'Yes', 'NO', 'off', 'y', 'null', '~', '<<', '=', '2020-01-01', '12:30:45.5', 'x'],
  ...['a b', '.', '-', ',', '${a}', '???', '\\', "'", '"', '#', ' #', 'é', '😀', '1e3', '0o17'],
  ...['!!int ', '!!float ', '!!str ', '!!bool ', '!!null ', '%', '@', '`', '*'],
);

/** `k: …` with what looks like a number, and almost. */
export const numberDocument: fc.Arbitrary<string> = fc
  .array(numberPart, { minLength: 1, maxLength: 6 })
  .map((parts) => `k: ${parts.join('')}\n`);

/** `k: …` with words that YAML 1.1 reads in its own way, tags and stray punctuation. */
export const scalarDocument: fc.Arbitrary<string> = fc
  .array(scalarPart, { minLength: 1, maxLength: 4 })
  .map((parts) => `k: ${parts.join('')}\n`);

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');

const plain = fc.constantFrom('1', '1.0', 'x', 'a b', 'yes', '~', '0x1F', '1_000', '-.inf', '07');
const quoted = fc.constantFrom(
  ...['"a\\tb"', '"\\u00e9\\x41"', '"a\\\n    b"', "'it''s'", "'${a}'", '"a: b # c"', '""'],
);
const blockText = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '|+', '>+', '|2', '>2-'),
    fc.array(fc.constantFrom('one', 'two  ', '', ' more', '# no comment', 'k: v'), {
      maxLength: 4,
    }),
  )
  .map(([header, lines]) => `${header}\n${indented(`one\n${lines.join('\n')}`)}`);
const comment = fc.constantFrom('', '', '', '  # note', ' #');
const mappingKey = fc.constantFrom('a', 'b', 'c', '"d e"', "'f'", '1', 'true', 'a', 'x-y', '1.5');

interface Parts {
  mapping: string;
  value: string;
  flow: string;
}

const { mapping } = fc.letrec<Parts & Record<string, unknown>>((tie) => ({
  mapping: fc
    .uniqueArray(fc.tuple(mappingKey, tie('value')), {
      minLength: 1,
      maxLength: 4,
      selector: ([key]) => key.replaceAll(/['"]/g, ''),
    })
    .map((entries) => entries.map(([key, value]) => `${key}:${value}`).join('\n')),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(plain, comment).map((parts) => ` ${parts.join('')}`),
    fc.tuple(quoted, comment).map((parts) => ` ${parts.join('')}`),
    blockText.map((text) => ` ${text}`),
    tie('flow').map((text) => ` ${text}`),
    tie('mapping').map((text) => `\n${indented(text)}`),
    fc
      .array(tie('flow'), { minLength: 1, maxLength: 3 })
      .map((items) => `\n${items.map((item) => `- ${item}`).join('\n')}`),
    fc
      .array(tie('mapping'), { minLength: 1, maxLength: 2 })
      .map((items) => `\n${items.map((item) => `  -\n${indented(indented(item))}`).join('\n')}`),
    fc.constantFrom(
      '',
      ' *n',
      ' *n',
      '\n  <<: *m\n  q: 3',
      '\n  <<: [*m, {p: 9, r: 0}]',
      ' {<<: *m}',
    ),
  ),
  flow: fc.oneof(
    { depthSize: 'small' },
    plain,
    quoted.filter((text) => !text.includes('\n')),
    fc.array(tie('flow'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(fc.constantFrom('a: ', 'b: ', '"c": ', '"c":'), tie('flow')), {
        maxLength: 2,
      })
      .map((items) => `{${items.map((item) => item.join('')).join(', ')}}`),
  ),
}));

/** Mappings in many styles, with comments, anchors, merge keys and blocks of text. */
export const styledDocument: fc.Arbitrary<string> = fc
  .tuple(
    fc
      .constantFrom('', '---\n', '# head\n', '%YAML 1.1\n---\n')
      .map((head) => `${head}m0: &m {p: 0}\nn0: &n [1]\n`),
    mapping,
    fc.constantFrom('\n', '', '\n...\n', '\n# end\n'),
  )
  .map((parts) => parts.join(''));
