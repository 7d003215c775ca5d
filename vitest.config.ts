import { defineConfig } from 'vitest/config';

import { TallyReporter } from './test/tally-reporter.ts';

/** Suites that kill processes and measure time: one file at a time. */
const withProcesses = ['cli', 'kedro', 'runtime'].map((folder) => `test/${folder}/**/*.test.ts`);

/** Modules of projects in TypeScript get the classes that the tests have. */
const entry = new URL('src/adapters/node.ts', import.meta.url).pathname;

export default defineConfig({
  resolve: { alias: [{ find: /^kedro-server(?:\/node)?$/, replacement: entry }] },
  test: {
    globalSetup: 'test/global-setup.ts',
    reporters: ['default', new TallyReporter()],
    env: { DO_NOT_TRACK: '1' },
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'code',
          include: ['test/**/*.test.ts'],
          exclude: withProcesses,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: withProcesses,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
