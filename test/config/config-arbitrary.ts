import fc from 'fast-check';
import { environmentText, interpolatedText, KEYS } from './interpolation-arbitrary.ts';
import type { LoadCase } from './kedro-oracle.ts';

type Tree = Readonly<Record<string, unknown>>;

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: interpolatedText },
  {
    weight: 5,
    arbitrary: fc.constantFrom<unknown>(
      'a',
      'text',
      'b',
      '',
      '???',
      '\\???',
      'x: y',
      '# no',
      '1',
      'yes',
      ' s ',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(0, 1, -3, 2.5, 1e21, true, false, null) },
);

const { tree, node } = fc.letrec<{ tree: Tree; node: unknown }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom(...KEYS), tie('node'), { maxKeys: 4, noNullPrototype: true }),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('tree'),
    fc.array(tie('node'), { maxLength: 3 }),
  ),
}));

/** Holds every key, so that most references find something. */
const fullTree: fc.Arbitrary<Tree> = fc.record({
  a: fc.constantFrom<unknown>('b', 'x', 1, { a: 1, b: 'c', x: [1, 'a'] }),
  b: node,
  c: fc.record({ a: leaf, b: node, x: fc.array(leaf, { maxLength: 2 }) }),
  x: fc.constantFrom<unknown>('c', ['a', { b: 2 }], { c: { a: 'b' }, type: 'T' }),
  type: leaf,
  _t: tree,
});

/** YAML in several styles for a tree; scalars that JSON quotes may also stand plain. */
const document = fc
  .tuple(
    fc.oneof(tree, fullTree, fullTree, fullTree),
    fc.constantFrom('flow', 'block', 'block', 'block'),
  )
  .map(([value, style]) => (style === 'flow' ? JSON.stringify(value) : toBlock(value, 0)));

function toBlock(value: Tree, indent: number): string {
  const pad = ' '.repeat(indent);
  const entries = Object.entries(value);
  if (entries.length === 0) return indent === 0 ? '' : `${pad}{}\n`;
  return entries
    .map(([key, item]) => {
      const nested = isTree(item) && Object.keys(item).length > 0;
      return nested
        ? `${pad}${key}:\n${toBlock(item, indent + 2)}`
        : `${pad}${key}: ${toFlow(item)}\n`;
    })
    .join('');
}

function toFlow(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[a-z][a-z ]*$/.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const anyDocument = fc.oneof(
  { weight: 30, arbitrary: document },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '- a\n',
      'a: [\n',
      'a: 1\na: 2\n',
      'text',
      '1: x\n',
      'a: &n {b: 1}\nc:\n  <<: *n\n  d: 2\n',
      'true: 1\n',
      '12',
    ),
  },
);

const KIND_FILES: Readonly<Record<string, readonly string[]>> = {
  parameters: [
    'parameters.yml',
    'parameters.yml',
    'parameters_more.yaml',
    'parameters/deep/p.yml',
    'sub/parameters.json',
    '.hidden/parameters.yml',
    'parameters.txt',
  ],
  catalog: [
    'catalog.yml',
    'catalog.yml',
    'catalog_more.yml',
    'catalog/c.yml',
    'sub/catalog.yaml',
    'notcatalog.yml',
  ],
  credentials: ['credentials.yml', 'credentials.yml', 'credentials_more.yml'],
  globals: ['globals.yml', 'globals.yml', 'globals_more.yml'],
};

/** `{ a: "…", b: "${oc.env:…}" }` */
const credentials = fc
  .dictionary(fc.constantFrom(...KEYS), fc.oneof(environmentText, environmentText, node), {
    maxKeys: 3,
    noNullPrototype: true,
  })
  .map((value) => toBlock(value, 0));

const kind = fc.constantFrom(
  'parameters',
  'parameters',
  'catalog',
  'catalog',
  'credentials',
  'globals',
);

/** Random configuration of one kind, with globals, two or three environments and parameters. */
export const loadCase: fc.Arbitrary<LoadCase> = kind.chain((name) => {
  const names = KIND_FILES[name] ?? [];
  const own = fc.tuple(
    fc
      .constantFrom('base', 'base', 'local', 'dev')
      .chain((env) => fc.constantFrom(...names).map((path) => `${env}/${path}`)),
    name === 'credentials' ? credentials : anyDocument,
  );
  const globals = fc.tuple(fc.constantFrom('base/globals.yml', 'local/globals.yml'), document);
  return fc.record(
    {
      kinds: fc.constant([name]),
      files: fc
        .tuple(
          document,
          fc.array(fc.oneof(own, own, globals), { maxLength: 3 }),
          fc.constantFrom('dev', 'dev', 'dev', 'other'),
        )
        .map(([first, files, folder]) =>
          Object.fromEntries([
            ['base/a.txt', ''],
            ['local/a.txt', ''],
            [`${folder}/a.txt`, ''],
            [`base/${names[0]}`, first],
            ...files,
          ]),
        ),
      env: fc.constantFrom('dev', 'local', 'base'),
      runtimeParams: fc.oneof(tree, fullTree, fullTree),
      mergeStrategy: fc
        .constantFrom('soft' as const, 'destructive' as const)
        .map((strategy) => ({ [name]: strategy })),
      environment: fc.constant({ KEDRO_TEST_A: 'value', KEDRO_TEST_B: '${a}' }),
      restrict: fc.boolean(),
    },
    { requiredKeys: ['kinds', 'files', 'environment'] },
  );
});
