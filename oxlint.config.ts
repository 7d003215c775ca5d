import { defineConfig } from 'oxlint';
import type { OxlintOverride } from 'oxlint';

import { rooms } from './test/repo/rooms.ts';
import type { Room } from './test/repo/rooms.ts';

const folders = rooms.map(({ path }) => path).filter((path) => path.endsWith('/'));

/** A room's fence, as far as one import line shows it; test/repo/fences.test.ts resolves the paths. */
function fence({ path, mayImport, packages, nodejs }: Room): OxlintOverride {
  const up = path.includes('/') ? String.raw`(\.\./)+` : String.raw`\./`;
  const closed = folders.filter((folder) => folder !== path && !mayImport.includes(folder));
  const open = [...packages, ...(nodejs ? ['node:*'] : [])];
  return {
    files: path.endsWith('/') ? [`src/${path}**`] : [`src/${path}`, `src/${path}*`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          // A negated group ends the search, so the regex has to come first.
          patterns: [
            {
              regex: `^${up}(${closed.join('|')})`,
              message: `src/${path} may not import this room (test/repo/rooms.ts).`,
            },
            {
              group: [
                '*',
                '!./**',
                '!../**',
                ...open.flatMap((name) => [`!${name}`, `!${name}/**`]),
              ],
              message: `src/${path} may not use this package (test/repo/rooms.ts).`,
            },
          ],
        },
      ],
    },
  };
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['dist', 'examples/flights-kedro', 'test/fixtures', 'test/parity/projects'],
  rules: {
    eqeqeq: 'error',
    'no-console': 'error',
    'no-else-return': 'error',
    'no-param-reassign': 'error',
    'no-self-compare': 'error',
    'no-var': 'error',
    'object-shorthand': 'error',
    'prefer-const': 'error',
    'prefer-template': 'error',
    // Attempts, drains and frames are sequential on purpose.
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',

    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'import/no-mutable-exports': 'error',
    'import/no-named-as-default-member': 'off',
    'promise/always-return': 'off',

    'typescript/ban-ts-comment': 'error',
    // tsc's noImplicitReturns does it.
    'typescript/consistent-return': 'off',
    'typescript/consistent-type-definitions': ['error', 'interface'],
    'typescript/consistent-type-exports': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-deprecated': 'error',
    'typescript/no-dynamic-delete': 'error',
    'typescript/no-empty-object-type': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-import-type-side-effects': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-namespace': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-require-imports': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-function-type': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/parameter-properties': 'error',
    'typescript/prefer-nullish-coalescing': 'error',
    'typescript/prefer-optional-chain': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/prefer-readonly': 'error',
    'typescript/restrict-plus-operands': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/strict-boolean-expressions': [
      'error',
      { allowNullableBoolean: true, allowNullableString: true },
    ],
    'typescript/switch-exhaustiveness-check': 'error',
    // Functions of a closure are handed on; there is no `this` to lose.
    'typescript/unbound-method': 'off',
    'typescript/use-unknown-in-catch-callback-variable': 'error',

    'unicorn/consistent-function-scoping': 'off',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/prefer-node-protocol': 'error',
    'unicorn/throw-new-error': 'error',
  },
  overrides: [
    {
      files: ['test/**/*.test.ts', 'test/**/*-suite.ts'],
      plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
      rules: {
        'vitest/no-disabled-tests': 'error',
        'vitest/no-focused-tests': 'error',
        'vitest/no-identical-title': 'error',
        'vitest/no-import-node-test': 'error',
      },
    },
    {
      files: ['test/**', 'scripts/**', 'bench/**', 'chaos/**'],
      rules: { 'typescript/no-unsafe-type-assertion': 'off' },
    },
    {
      files: ['test/**'],
      rules: {
        // Spreads of lists that are made on the spot are how tables of cases are written.
        'typescript/no-misused-spread': 'off',
        'typescript/no-non-null-assertion': 'off',
        'unicorn/no-useless-spread': 'off',
        'unicorn/prefer-set-has': 'off',
        // expect.any() and its like are typed any.
        'typescript/no-unsafe-assignment': 'off',
      },
    },
    {
      files: ['src/cli/**', 'scripts/**', 'bench/**', 'chaos/**', 'test/*.ts'],
      rules: { 'no-console': 'off' },
    },
    // `pipeline_registry.ts` is Kedro's name.
    { files: ['examples/**'], rules: { 'no-console': 'off', 'unicorn/filename-case': 'off' } },
    // Their default export is what a tool or a runtime takes.
    {
      files: ['*.config.ts', 'examples/*/src/worker.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
    ...rooms.map(fence),
  ],
});
