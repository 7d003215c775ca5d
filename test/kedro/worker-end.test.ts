import { expect, test } from 'vitest';

import { describeEnd } from '../../src/kedro/worker-end.ts';

const end = { peakBytes: 87 * 2 ** 20, output: '' };

test.each([
  [{ ...end, code: 3 }, 'The worker process exited with code 3. Its peak memory was 87 MiB.'],
  [{ ...end, code: 0, peakBytes: null }, 'The worker process exited with code 0.'],
  [{ ...end, code: -9, peakBytes: null }, 'The worker process was killed by signal 9 (SIGKILL).'],
  [{ ...end, code: -63, peakBytes: null }, 'The worker process was killed by signal 63.'],
  [{ ...end, code: null, peakBytes: null }, 'The worker process disappeared.'],
  [
    { ...end, code: -9, peakBytes: null, reason: 'gave no sign of life and was ended' },
    'The worker process gave no sign of life and was ended.',
  ],
])('an end is described: %o', (seen, text) => {
  expect(describeEnd(seen)).toBe(text);
});

test('an end in a run names the process and the nodes that it was at', () => {
  const seen = { ...end, code: -11, peakBytes: null };
  expect(describeEnd(seen, 42, ['a'])).toBe(
    "The worker process (pid 42) was killed by signal 11 (SIGSEGV) while running node 'a'.",
  );
  expect(describeEnd(seen, 42, ['a', 'b'])).toContain(" while running node 'a', 'b'.");
});
