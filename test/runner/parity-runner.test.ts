import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { type KedroOracle, startKedroOracle } from '../kedro-oracle.ts';
import { answerRun, type RunAnswer, type RunQuestion, runQuestion } from './run-question.ts';

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
const numRuns = 600;

/** Kedro lists unsatisfied inputs as a set has them. */
function comparable({ trace, ended }: RunAnswer): RunAnswer {
  if (!('error' in ended) || !ended.error.startsWith('Pipeline input(s)')) return { trace, ended };
  const names = (ended.error.match(/'[^']*'/g) ?? []).toSorted();
  return { trace, ended: { error: `unsatisfied ${names.join(' ')}` } };
}

describe.skipIf(inject('pythonMissing') !== null)('random runs', () => {
  let oracle: KedroOracle<RunAnswer, RunQuestion>;
  beforeAll(async () => {
    oracle = await startKedroOracle(import.meta.url);
  });
  afterAll(() => oracle.close());

  test(`do what Kedro's runner does, step by step (seed ${seed}, ${numRuns} runs)`, async () => {
    const seen = { failed: 0, resumed: 0, skipped: 0, unsatisfied: 0 };
    await fc.assert(
      fc.asyncProperty(runQuestion, async (question) => {
        const kedros = comparable(await oracle.ask(question));
        const ours = comparable(await answerRun(question));
        expect(ours).toEqual(kedros);
        const text = ours.trace.join('\n');
        if ('error' in ours.ended) seen.failed += 1;
        if (text.includes('--from-nodes')) seen.resumed += 1;
        if (text.includes('Skipping')) seen.skipped += 1;
        if (JSON.stringify(ours.ended).includes('unsatisfied')) seen.unsatisfied += 1;
      }),
      { seed, numRuns },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });
});
