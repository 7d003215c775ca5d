import fc from 'fast-check';

/** What must not leave, by where it is. */
export const tokens = {
  canary: 'CANARY-8f2c',
  code: 'CODE-51aa',
  globals: 'GLOBAL-77d0',
  environment: 'ENVIRON-90b3',
  resolver: 'RESOLVED-c4e1',
} as const;

/** Folders: one that nobody may touch, and one that catalogs write and parameters may be put in. */
export interface Places {
  readonly outside: string;
  readonly shared: string;
}

function fragments({ outside, shared }: Places): readonly string[] {
  return [
    ...['a', 'own.txt', 'data', 'x y', 'ü', '_', '.', '', 'parts', '1'],
    ...['..', '../..', '../../../..', '%2e%2e', '.%2E', '..%2f', '.\t.', '．．', '.. ', '…', '~'],
    ...['/', '//', '\\', '\\\\host\\', '\0', '\n', ' ', ':', '@evil', '?', '#', '{', '}', '{name}'],
    ...['link', 'dangling', 'canary.txt', 'deep/link', `${outside}/canary.txt`, outside, shared],
    ...['conf/local/credentials.yml', 'conf', '.hidden', 'CONF', 'data/../conf'],
    ...[
      `file://${outside}/canary.txt`,
      'file://',
      'FILE:///',
      'http://evil/',
      'https:evil',
      's3://evil/',
    ],
    ...['${globals:token}', '${oc.env:TOKEN}', '${leak:1}', '${_secret}', '${', '???', '\\???'],
    ...['globals', 'leak', 'oc.env', 'Evil', '_secret', 'near', 'own', 'text.TextDataset'],
    ...['a}${globals:token}', "'", '"', '[', '{type: Evil}', `{filepath: ${outside}/canary.txt}`],
  ];
}

/** Values that each reach something by themselves, where nothing stops them. */
function goals({ outside }: Places): readonly unknown[] {
  return [
    ...['Evil', { type: 'Evil' }, '{type: Evil}', ['Evil'], '${leak:1}', '${globals:token}'],
    ...['data/link/canary.txt', 'data/canary.txt', 'data/dangling', 'link/canary.txt', 'link'],
    ...[
      'conf/local/credentials.yml',
      '.hidden',
      `${outside}/canary.txt`,
      `../..${outside}/canary.txt`,
    ],
    ...['http://evil/a', '.evil', '@evil/', '%2e%2e/%2e%2e', '/../../a.txt', 'leak', 'globals'],
    ...['{a: "${globals:token}"}', { 'a}${globals:token': 1 }, { '${globals:token}': '${leak:1}' }],
    ...[
      { type: 'text.TextDataset', filepath: `${outside}/canary.txt` },
      { a: 'data/link/canary.txt' },
    ],
  ];
}

/** Values of one parameter. */
export function paramArbitrary(places: Places): fc.Arbitrary<unknown> {
  const fragment = fc.constantFrom(...fragments(places));
  const plain = fc.constantFrom('a', 'a/b.txt', 'own.txt', 'deep/er', 'near');
  const path = fc.array(fragment, { minLength: 1, maxLength: 4 });
  const text = fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 3, arbitrary: path.map((parts) => parts.join('')) },
    { weight: 2, arbitrary: path.map((parts) => parts.join('/')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  );
  const map = fc.record(
    {
      type: fc.constantFrom('Evil', 'text.TextDataset'),
      filepath: text,
      path: text,
      dataset: text,
    },
    { requiredKeys: [] },
  );
  const yaml = map.map((value) => JSON.stringify(value));
  const keyed = fc.dictionary(text, text, { maxKeys: 2 });
  return fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 8, arbitrary: fc.constantFrom(...goals(places)) },
    { weight: 2, arbitrary: map },
    { weight: 2, arbitrary: yaml },
    { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
    { weight: 1, arbitrary: keyed },
  );
}

/** Ways in which a catalog asks for the parameter `p`. */
const expressions = [
  ...['${runtime_params:p}', '${ runtime_params:p}', "${runtime_params:'p'}", '${_p}'],
  ...['${runtime_params:p, data/own.txt}', '${runtime_params:p.filepath, none}', '${_chain}'],
  ...['${oc.select:_p}', '${oc.decode:${runtime_params:p}}', '${oc.create:${runtime_params:p}}'],
  ...['${echo:${runtime_params:p}}', '${pair:${_p}}', '${_places.${runtime_params:p}}'],
  ...['${oc.dict.keys:_p}', '${oc.dict.values:_p}', '${${runtime_params:p}:token}', '${${_p}}'],
  ...['${oc.select:${_p}, none}', '${oc.create:${oc.dict.keys:_p}}', '${oc.decode:"${_p}"}'],
];

function texts({ shared }: Places): readonly ((it: string) => string)[] {
  return [
    (it) => it,
    (it) => it,
    (it) => `data/${it}`,
    (it) => `data/${it}.txt`,
    (it) => `./${it}/x`,
    (it) => `data/.${it}`,
    (it) => `/${it}`,
    (it) => `${shared}/${it}`,
    (it) => `${shared}${it}`,
    (it) => `file://${shared}/${it}`,
    (it) => `file://${it}`,
    (it) => `s3://bucket/${it}`,
    (it) => `s3://buck${it}`,
    (it) => `http://host/a/${it}`,
    (it) => `http://host${it}`,
    (it) => `http${it}://host/`,
  ];
}

type Entry = (text: string) => unknown;

const text = 'text.TextDataset';

const byCredentials = { type: 'Opener', credentials: 'given' };

/** Entries of a catalog that hold the text somewhere. */
const entries: readonly Entry[] = [
  (it) => ({ type: text, filepath: it }),
  (it) => ({ type: text, filepath: it }),
  (it) => ({ type: text, filepath: it, versioned: true }),
  (it) => ({ type: it, filepath: 'data/own.txt' }),
  (it) => it,
  (it) => ({ type: 'CachedDataset', dataset: { type: text, filepath: it } }),
  (it) => ({ type: 'CachedDataset', dataset: it }),
  (it) => ({ type: 'partitions.PartitionedDataset', path: it, dataset: text }),
  (it) => ({ type: 'partitions.PartitionedDataset', path: 'data/parts', dataset: it }),
  (it) => ({
    type: 'partitions.PartitionedDataset',
    path: 'data/parts',
    dataset: { type: text },
    filename_suffix: it,
  }),
  (it) => ({
    type: 'partitions.PartitionedDataset',
    path: 'data/parts',
    dataset: { type: text },
    filepath_arg: it,
  }),
  (it) => ({ type: 'Opener', deep: { list: [1, { file: it }] } }),
  (it) => ({ type: 'Opener', load_args: { file: it }, 3: it }),
  (it) => ({ type: 'Opener', inner: it }),
  (it) => ({ type: 'Opener', inner: { type: 'Opener', more: [it] } }),
  (it) => ({ type: 'Opener', credentials: it }),
  (it) => ({ type: 'Opener', sql: it }),
  () => byCredentials,
];

/** A catalog whose dataset `it` depends on the parameter `p`, as texts of configuration. */
export function configArbitrary(places: Places): fc.Arbitrary<Record<string, string>> {
  return fc
    .record({
      expression: fc.oneof(fc.constant('${runtime_params:p}'), fc.constantFrom(...expressions)),
      textOf: fc.oneof(
        fc.constant((it: string) => it),
        fc.constantFrom(...texts(places)),
      ),
      entry: fc.constantFrom(...entries),
      name: fc.constantFrom('it', '{name}', 'i{name}'),
      isSoft: fc.boolean(),
    })
    .map(({ expression, textOf, entry, name, isSoft }) => {
      const made = entry(textOf(expression));
      const isGiven =
        made === byCredentials &&
        !/[_](?:p|places)/u.test(expression) &&
        expression !== '${_chain}';
      const credentials = { own: 'mine', given: { file: isGiven ? textOf(expression) : 'mine' } };
      const catalog = {
        _p: '${runtime_params:p}',
        _chain: '${_p}',
        _secret: `${places.outside}/canary.txt`,
        _places: { near: 'data/own.txt', a: { type: text, filepath: 'data/own.txt' } },
        [name]: made,
      };
      const local = isSoft ? { other: { type: text, filepath: textOf(expression) } } : {};
      return {
        'base/catalog.yml': JSON.stringify(catalog),
        'local/catalog.yml': JSON.stringify(local),
        'base/credentials.yml': JSON.stringify(credentials),
        'base/parameters.yml': JSON.stringify({ p: 'none', other: { p: '${p}' } }),
        'base/globals.yml': JSON.stringify({ token: tokens.globals }),
      };
    });
}
