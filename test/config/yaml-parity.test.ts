import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { readYaml } from '../../src/config/yaml-file.ts';
import { type KedroOracle, startKedroOracle } from './kedro-oracle.ts';
import { seed } from './seed.ts';
import { tagConfigValue } from './tagged-value.ts';
import { numberDocument, scalarDocument, styledDocument } from './yaml-arbitrary.ts';

const CORPUS = [
  ...[
    '',
    'null',
    '{}',
    'a:',
    'a: ~',
    'a: yes',
    'a: No',
    'a: ON',
    'a: y',
    'a: n',
    'a: True',
    'a: tRue',
  ],
  ...[
    'a: 0',
    'a: -0',
    'a: +1',
    'a: 010',
    'a: 08',
    'a: 0o17',
    'a: 0x1f',
    'a: 0X1F',
    'a: 0b101',
    'a: 1_000',
  ],
  ...['a: 1__0_', 'a: _1', 'a: 1:30', 'a: 1:60', 'a: -1:30:05', 'a: 1:30.5', 'a: 20:30:40.5e1'],
  ...[
    'a: 1.',
    'a: .5',
    'a: -.5',
    'a: 1e5',
    'a: 1E-5',
    'a: 1.5e3',
    'a: 1.5e+3',
    'a: 1e',
    'a: 1e400',
    'a: 1_0e1_0',
  ],
  ...['a: .inf', 'a: -.INF', 'a: .nan', 'a: inf', 'a: NaN', 'a: 123456789012345678901234567890'],
  ...[
    'a: 2020-01-01',
    'a: 2020-01-01 10:00:00',
    'a: 12:30',
    'a: 1.2.3',
    'a: 1-2',
    'a: 0.1_5',
    'a: 1.0',
  ],
  ...[
    'a: !!str 12',
    'a: !!int "12"',
    'a: !!int 0o17',
    'a: !!float 1',
    'a: !!bool "on"',
    'a: !!null x',
    'a: !!binary aGk=',
  ],
  ...[
    'a: !!int x',
    'a: !!bool maybe',
    'a: !!set {b}',
    'a: !!omap [b: 1]',
    'a: !!omap [{b: 1, c: 2}]',
    'a: !!map [1]',
    'a: !x 1',
  ],
  ...[
    'a: !!python/tuple [1]',
    'a: !!timestamp 2020-01-01',
    'a: <<',
    'a: =',
    '=: 1',
    '<<: {a: 1}',
    '<<: [1]',
    '<<: x',
  ],
  ...[
    'a: 1\na: 2',
    '1: a\n1: b',
    '"a": 1\na: 2',
    'a: {b: 1, b: 2}',
    '{a: 1, "a": 2}',
    'true: 1\nyes: 2',
    '1: x\n1.0: y\ntrue: z',
  ],
  ...[
    'x: &m {a: 1, b: 2}\ny: {<<: *m, b: 3, c: 4}',
    'x: &m {a: 1}\ny: &n {a: 2, b: 1}\nz: {<<: [*m, *n]}',
  ],
  ...[
    'm: &m {a: 1}\nn: &n {a: 2}\nx: &x {<<: [*m, *n]}\ny: {<<: *x}',
    'x: &a 1\ny: &a 2',
    'y: *a',
    'a: &a [*a]',
    'a: &a {b: *a}',
  ],
  ...[
    'a: [1, 2',
    'a: b: c',
    'a: "x',
    'a: @x',
    'a: `x',
    'a: %x',
    '\ta: 1',
    'a:\n\tb: 1',
    'a: "\\q"',
    'a: \u0001',
    '- 1\n- 2',
    'text',
  ],
  ...[
    'a: 1\n---\nb: 2',
    '--- \na: 1\n...\n',
    '%YAML 1.1\n---\na: 1',
    '%YAML 1.2\n---\na: 1',
    '%YAML 3.0\n---\na: 1',
    '? a\n: b',
    '? [a]\n: b',
  ],
  ...[
    'a: |\n  x\n   y\n\n',
    'a: |-\n  x\n',
    'a: |+\n  x\n\n',
    'a: >\n  x\n  y\n\n  z\n',
    'a: |\n  x',
    'a: >2\n    x\n',
    'a: |\n\n  x\n',
  ],
  ...[
    '__proto__: {polluted: 1}',
    'constructor: 1\ntoString: 2',
    '{"a":1,"b":[true,null,1.5e3]}',
    '{"a": "\\/\\u00e9"}',
    '\ufeffa: 1',
  ],
];

describe.skipIf(inject('pythonMissing') !== null)(
  `YAML as PyYAML reads it for OmegaConf (seed ${seed})`,
  () => {
    let oracle: KedroOracle;
    beforeAll(async () => {
      oracle = await startKedroOracle();
    });
    afterAll(() => oracle.close());

    const agree = async (text: string): Promise<void> => {
      const answer = await oracle.yaml(text);
      expect(readOurs(text)).toBe('error' in answer ? 'refused' : JSON.stringify(answer.value));
    };

    it('reads a corpus of scalars, keys, aliases and broken files alike', async () => {
      const texts = CORPUS.filter((text) => !KEPT_DIFFERENCES.has(text));
      const theirs = await Promise.all(texts.map((text) => oracle.yaml(text)));
      const ours = texts.map((text) => [text, readOurs(text)]);
      expect(ours).toEqual(
        texts.map((text, index) => {
          const answer = theirs[index] ?? { error: 'no answer', message: '' };
          return [text, 'error' in answer ? 'refused' : JSON.stringify(answer.value)];
        }),
      );
    });

    it.each([
      ['numbers, and almost', numberDocument],
      ['words, tags and stray punctuation', scalarDocument],
      ['documents in many styles', styledDocument],
    ])('reads random %s alike', async (_, documents) => {
      const numRuns = 700;
      await fc.assert(fc.asyncProperty(documents.filter(isComparable), agree), { seed, numRuns });
    });
  },
);

/** Values of kinds that configuration refuses are told apart later: `docs/parity-config.md`. */
const KEPT_DIFFERENCES: ReadonlySet<string> = new Set([
  'a: !!set {b}',
  'a: !!timestamp 2020-01-01',
]);

/** A comment must have a space before it, a block text's header a line of its own. */
function isComparable(text: string): boolean {
  return !/["'\]}|>]#/.test(text);
}

function readOurs(text: string): string {
  try {
    return JSON.stringify(tagConfigValue(readYaml(text)));
  } catch (error) {
    if (error instanceof ConfigError) return 'refused';
    throw error;
  }
}
