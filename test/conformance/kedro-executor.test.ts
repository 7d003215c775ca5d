import { describe, inject } from 'vitest';

import { describeExecutor } from './executor-suite.ts';
import { createKedroHarness } from './kedro-harness.ts';

describe.skipIf(inject('pythonMissing') !== null).each(['fork', 'spawn'] as const)(
  'Kedro executor',
  (start) =>
    describeExecutor(`newest Kedro, workers by ${start}`, createKedroHarness('newest', start)),
);
