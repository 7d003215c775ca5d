import fc from 'fast-check';

/** Keys that random trees are made of, so that references find something. */
export const KEYS = ['a', 'b', 'c', 'x', 'type', '_t'] as const;

const key = fc.constantFrom(...KEYS, ...KEYS, ...KEYS, '0', '-1', 'k-1');
const space = fc.constantFrom('', '', '', ' ', '\t');
const word = fc.constantFrom(
  ...['v', 'true', 'False', 'null', '1', '-2', '0.5', '1e3', '1_0', '007', 'inf', 'a b', 'a:b'],
  ...['/x/y', '%', '\\,', '\\ ', '\\\\', '???', '\\???', 'w', 'v', 'w'],
);
const scrap = fc.constantFrom('p', '/', ' ', '$', '\\', '\\\\', '\\${a}', "'", '?');

/** Paths that the trees which hold every key have. */
const knownPath = fc.constantFrom('a', 'b', 'c', 'x', 'c.a', 'c.b', 'c.x', 'c[a]', '[c].x');

interface Parts extends Record<string, unknown> {
  text: string;
  interpolation: string;
  reference: string;
  call: string;
  element: string;
  path: string;
}

const { text, call } = fc.letrec<Parts>((tie) => ({
  text: fc.oneof(
    { weight: 3, arbitrary: tie('interpolation') },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.oneof(tie('reference'), scrap), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join('')),
    },
  ),
  interpolation: fc.oneof(
    { depthSize: 'xsmall' },
    { weight: 3, arbitrary: tie('reference') },
    { weight: 2, arbitrary: tie('call') },
  ),
  reference: fc
    .tuple(fc.constantFrom('', '', '', '', '', '', '.', '..'), tie('path'), space)
    .map(([dots, path, end]) => `\${${dots}${path}${end}}`),
  call: fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.constantFrom('globals', 'runtime_params', 'oc.select'),
          tie('path').map((path) => (path.includes('[') ? `'${path}'` : path)),
          fc.option(tie('element'), { freq: 6 }),
        )
        .map(([name, path, other]) => `\${${name}:${path}${other === null ? '' : `, ${other}`}}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom('join', 'tuple', 'fail', 'oc.create', 'oc.decode'),
          fc.array(tie('element'), { maxLength: 3 }),
        )
        .map(([name, args]) => `\${${name}:${args.join(',')}}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('oc.dict.keys', 'oc.dict.values'), key)
        .map(([name, path]) => `\${${name}:${path}}`),
    },
  ),
  path: fc.oneof(
    { depthSize: 'xsmall' },
    { weight: 16, arbitrary: knownPath },
    {
      weight: 4,
      arbitrary: fc
        .tuple(key, fc.array(fc.tuple(key, fc.boolean()), { maxLength: 2 }))
        .map(
          ([first, rest]) => first + rest.map(([k, dot]) => (dot ? `.${k}` : `[${k}]`)).join(''),
        ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(key, tie('reference')).map(([first, inner]) => `${first}.${inner}`),
    },
  ),
  element: fc.oneof(
    { depthSize: 'xsmall' },
    { weight: 6, arbitrary: word },
    { weight: 2, arbitrary: tie('interpolation') },
    { weight: 1, arbitrary: word.map((inner) => `'${inner}'`) },
    { weight: 1, arbitrary: tie('reference').map((inner) => `"${inner} "`) },
    {
      weight: 1,
      arbitrary: fc.array(tie('element'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(key, tie('element')), { maxLength: 2 })
        .map((items) => `{${items.map(([k, value]) => `${k}: ${value}`).join(',')}}`),
    },
  ),
}));

const spoiler = fc.constantFrom('', '}', '{', '$', '\\', "'", ':', ',', '.', '[', ']', ' ');

/** Texts with interpolations; of most of them the grammar allows all, a few are spoiled. */
export const interpolatedText: fc.Arbitrary<string> = fc.oneof(
  { weight: 40, arbitrary: text },
  { weight: 5, arbitrary: call },
  {
    weight: 1,
    arbitrary: fc.tuple(text, fc.nat(), spoiler).map(([whole, at, spoil]) => {
      const place = at % (whole.length + 1);
      return whole.slice(0, place) + spoil + whole.slice(place + 1);
    }),
  },
);

/** Texts that ask the environment, which only credentials may. */
export const environmentText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('KEDRO_TEST_A', 'KEDRO_TEST_A', 'KEDRO_TEST_B', 'KEDRO_TEST_NONE'),
    fc.option(word, { freq: 3 }),
    fc.boolean(),
  )
  .map(([name, other, whole]) => {
    const asked = `\${oc.env:${name}${other === null ? '' : `,${other}`}}`;
    return whole ? asked : `https://${asked}/`;
  });
