import fc from 'fast-check';

import type { CatalogQuestion } from './catalog-question.ts';

const fields = ['a', 'b', 'name', 'namespace', 'a-b', 'a_b', 'é', 'default'];
const texts = [
  'x',
  'int_',
  '.',
  '_',
  '@csv',
  'X',
  '/',
  '#',
  '+',
  'ü',
  '😀',
  '\uE000',
  '-',
  '(',
  '\\',
];
const oddFields = ['{{', '}}', '{}', '{0}', '{_x}', '{a.b}'];
const oddities = [...oddFields, '}', '{', '{a b}', '{a!r}'];
const values = ['x', 'y.z', 'int_q', 'X', 'Ü', '1', '😀', 'a_b', ' ', '{a}', '(', '\n'];

const field = fc.constantFrom(...fields).map((name) => `{${name}}`);
const text = fc.constantFrom(...texts);
const odd = fc.constantFrom(...oddities);

const part = fc.oneof(
  { weight: 6, arbitrary: field },
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(...oddFields) },
);
const patternName = fc
  .oneof(
    {
      weight: 8,
      arbitrary: fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
    },
    {
      weight: 2,
      arbitrary: fc.array(field, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('')),
    },
  )
  .filter((name) => !name.startsWith('_') && name.includes('{'));
const plainName = fc
  .array(fc.oneof(text, fc.constantFrom(...values)), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(''))
  .filter((name) => !name.startsWith('_') && !name.includes('{'));

const leaf = fc.oneof(fc.constantFrom(...texts), fc.integer(), fc.boolean(), fc.constant(null));
const credentialNames = ['store', 'db', 'toString'];

/** A text of an entry: often with placeholders that the pattern has, now and then with others. */
function template(own: readonly string[]): fc.Arbitrary<string> {
  const known = own.length === 0 ? text : fc.constantFrom(...own);
  const piece = fc.oneof(
    { weight: 8, arbitrary: known },
    { weight: 8, arbitrary: text },
    { weight: 1, arbitrary: fc.oneof(field, odd) },
  );
  return fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
}

function entryFor(name: string): fc.Arbitrary<unknown> {
  const own = name.match(/\{[^\n]*?\}/gu) ?? [];
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      template(own),
      fc.array(tie('tree'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('k', 'l', 'filepath', '__proto__', '{a}'), tie('tree'), {
        maxKeys: 2,
      }),
      fc.record({ credentials: fc.constantFrom(...credentialNames) }),
    ),
  }));
  const entry = fc
    .record(
      {
        data: tree,
        credentials: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...credentialNames) },
          { weight: 1, arbitrary: fc.constantFrom('unknown', '{a}') },
          { weight: 3, arbitrary: fc.dictionary(fc.constantFrom('key'), template(own)) },
        ),
        filepath: template(own),
        save_args: tree,
      },
      { requiredKeys: [] },
    )
    .chain((more) =>
      fc
        .nat({ max: 15 })
        .map((odds) => Object.assign(odds === 0 ? { data: 1 } : { type: 'MemoryDataset' }, more)),
    );
  const memory = fc.record({ type: fc.constantFrom('MemoryDataset', 'kedro.io.MemoryDataset') });
  return fc.oneof(
    { weight: 20, arbitrary: entry },
    { weight: 20, arbitrary: memory },
    { weight: 1, arbitrary: leaf },
  );
}

/** A name that one of the patterns might match: its placeholders replaced. */
function nameLike(patterns: readonly string[]): fc.Arbitrary<string> {
  if (patterns.length === 0) return plainName;
  return fc
    .tuple(
      fc.constantFrom(...patterns),
      fc.array(fc.constantFrom(...values), { minLength: 6, maxLength: 6 }),
      fc.boolean(),
    )
    .map(([pattern, given, isUpper]) => {
      const seen = new Map<string, string>();
      const filled = pattern.replaceAll(/\{[^{}]*\}/gu, (found) => {
        const value = seen.get(found) ?? given[seen.size % given.length] ?? 'x';
        seen.set(found, value);
        return value;
      });
      const name = filled.replaceAll('{{', '{').replaceAll('}}', '}');
      return isUpper ? name.toUpperCase() : name;
    });
}

export const catalogQuestion: fc.Arbitrary<CatalogQuestion> = fc
  .tuple(fc.uniqueArray(patternName, { maxLength: 6 }), fc.uniqueArray(plainName, { maxLength: 3 }))
  .chain(([patterns, plain]) => {
    const keys = [...patterns, ...plain];
    const anyName = fc.oneof(nameLike(patterns), fc.constantFrom('x', ...plain), plainName);
    return fc.record({
      config: fc
        .tuple(...keys.map(entryFor))
        .map((entries) => Object.fromEntries(keys.map((key, index) => [key, entries[index]]))),
      credentials: fc.constant({ store: { user: 'u', list: ['{', 1] }, db: 'secret', toString: 1 }),
      names: fc.uniqueArray(
        anyName.filter((name) => name !== ''),
        { maxLength: 6 },
      ),
      loadVersions: fc.oneof(
        { weight: 4, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: anyName.map((name) => Object.fromEntries([[name, 'v1']])) },
      ),
    });
  });
