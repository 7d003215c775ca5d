import { describe, expect, inject, test } from 'vitest';

import { runTool } from '../repo/run-tool.ts';

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config=vitest.pool.config.ts'];

describe.skipIf(inject('pythonMissing') !== null).concurrent('the pool of Kedro workers', () => {
  test.each([
    ['Deno', 'deno', ['run', '--allow-all']],
    ['Bun', 'bun', ['--bun']],
  ])('keeps its promises on %s', { timeout: 300_000 }, async (_, command, args) => {
    const { output } = await runTool(command, [...args, ...vitest]);
    expect(output).toMatch(/\n[1-9]\d+ passed, 0 failed, \d+ skipped\n$/);
  });
});
