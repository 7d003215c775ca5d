import { describe, inject } from 'vitest';

import { describeExecutor } from './executor-suite.ts';
import { createKedroHarness } from './kedro-harness.ts';

describe.skipIf(inject('pythonMissing') !== null).each(['fork', 'spawn'] as const)(
  'Kedro executor',
  (start) =>
    describeExecutor(`oldest Kedro, workers by ${start}`, createKedroHarness('oldest', start)),
);
