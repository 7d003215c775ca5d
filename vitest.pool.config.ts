import { defineConfig } from 'vitest/config';

import { TallyReporter } from './test/tally-reporter.ts';

const isBun = 'bun' in process.versions;
if (!isBun && !('deno' in process.versions)) throw new Error('This is for Deno and Bun.');

/** What the Kedro pool must do in every runtime, for a Vitest that runs in Deno or Bun itself. */
export default defineConfig({
  test: {
    globalSetup: 'test/global-setup.ts',
    reporters: ['default', new TallyReporter()],
    env: { DO_NOT_TRACK: '1' },
    include: [
      'test/conformance/kedro-executor.test.ts',
      'test/kedro/folder-fingerprint.test.ts',
      'test/kedro/{cancel,deaths,ends,hung,wire}.test.ts',
    ],
    // How workers start is Python's affair: one way is enough.
    testNamePattern: /^(?!.*\bspawn\b)/,
    // Vitest's forks need what Bun's child processes do not have, its threads what Deno's do not.
    pool: isBun ? 'threads' : 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
