import { describe, expect, inject, test } from 'vitest';

import { runTool } from '../repo/run-tool.ts';

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config=vitest.pool.config.ts'];
const deno = ['run', '--allow-all'];
const bun = ['--bun'];

// They wait most of the time: two halves at once take half as long.
describe.skipIf(inject('pythonMissing') !== null).concurrent('the pool of Kedro workers', () => {
  test.each([
    ['deno', '1/2', deno],
    ['deno', '2/2', deno],
    ['bun', '1/2', bun],
    ['bun', '2/2', bun],
  ])('keeps its promises on %s (%s)', { timeout: 600_000 }, async (runtime, shard, args) => {
    const { output } = await runTool(runtime, [...args, ...vitest, `--shard=${shard}`]);
    expect(output).toMatch(/\n[1-9]\d+ passed, 0 failed(?:, \d+ skipped)?\n$/);
  });
});
