import fc from 'fast-check';
import { describe, expect, inject, it, vi } from 'vitest';

import {
  brokenText,
  filters,
  paramsText,
  requestText,
  snapshotQuery,
} from './cases/arbitraries.ts';
import { subjectIsKedro, useComparedPair } from './compared-pair.ts';
import { type ParityCase, runs, sends, snapshot } from './parity-case.ts';

/** How many times the usual number of requests. */
const effort = Number(process.env['PARITY_EFFORT'] ?? 1);
const seed = Number(process.env['PARITY_SEED'] ?? Date.now() % 2 ** 31);

function options(numRuns: number): { seed: number; numRuns: number; endOnFailure: boolean } {
  return { seed, numRuns: numRuns * effort, endOnFailure: true };
}

describe.skipIf(inject('pythonMissing') !== null)(
  `Kedro’s server and ours, on generated requests (PARITY_SEED=${seed})`,
  () => {
    vi.setConfig({ testTimeout: 30_000 * effort });
    const { pair, expectSame } = useComparedPair({ project: { base: 'probe' } });

    async function check<Value>(
      values: fc.Arbitrary<Value>,
      toCase: (value: Value) => ParityCase,
      numRuns: number,
    ): Promise<void> {
      await fc.assert(
        fc.asyncProperty(values, (value) => expectSame(toCase(value))),
        options(numRuns),
      );
    }

    it('run requests of right and wrong fields', async () => {
      await check(requestText, (text) => runs('generated', text), 250);
    });

    it('texts that are nearly JSON', async () => {
      await check(brokenText, (text) => runs('generated', text), 250);
    });

    it('params', async () => {
      const toCase = (text: string): ParityCase =>
        runs('generated', `{"pipeline_names": ["echo"], "params": ${text}}`);
      await check(paramsText, toCase, 40);
    });

    it('filters together', async () => {
      await check(filters, (body) => runs('generated', body), 60);
    });

    it('params of the snapshot', async () => {
      await fc.assert(
        fc.asyncProperty(snapshotQuery, async (query) => {
          const { theirs, ours, theirLast, ourLast } = await pair().compare(
            sends('generated', snapshot(query)),
          );
          if (theirLast.startsWith('500') && !subjectIsKedro)
            expect(ourLast).toMatch(/^200 \{"status":"failure"/);
          else expect(ours).toBe(theirs);
        }),
        options(150),
      );
    });
  },
);
