import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import type { Attempt, KedroOracle } from '../kedro-oracle.ts';
import { startKedroOracle } from '../kedro-oracle.ts';
import { answerNode, nodeQuestion } from './node-question.ts';
import { pipelineQuestion } from './pipeline-arbitrary.ts';
import { answerQuestion } from './pipeline-question.ts';

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
const timeout = 120_000;

/** A message with its lists in one order: Kedro makes some of them from sets. */
function settled(message: string): string {
  const inOrder = (_: string, names: string) => `[${names.split(', ').toSorted().join(', ')}]`;
  return message.replaceAll(/\[([^\]]*)\]/gu, inOrder);
}

/** Texts that are Kedro's own; the others say the same in other words, or more. */
const kedroTexts =
  /^(Pipeline (does not contain|contains no)|Node .* expected|Failed to map|Expected maximum|\[.* are confirmed)/u;

function withMessage(attempt: Attempt): unknown {
  if ('value' in attempt) return attempt;
  const message = kedroTexts.test(attempt.message) ? settled(attempt.message) : null;
  return { error: attempt.error, message };
}

describe.skipIf(inject('pythonMissing') !== null)(
  `pipelines and nodes as Kedro makes them (seed ${seed})`,
  () => {
    let kedro: KedroOracle;
    const outcomes: Record<string, number> = {};

    beforeAll(async () => {
      kedro = await startKedroOracle(import.meta.url);
    });
    afterAll(async () => {
      await kedro.close();
      process.stdout.write(`Kedro's answers, seed ${seed}: ${JSON.stringify(outcomes)}\n`);
    });

    function count(subject: string, attempts: readonly Attempt[]): void {
      for (const attempt of attempts) {
        const outcome = `${subject} ${'value' in attempt ? 'accepted' : attempt.error}`;
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }

    it.each([
      { numRuns: 1000, maxNodes: 7 },
      { numRuns: 100, maxNodes: 40 },
    ])(
      'gives the same answers on $numRuns random pipelines of up to $maxNodes nodes',
      async ({ numRuns, maxNodes }) => {
        const property = fc.asyncProperty(pipelineQuestion(maxNodes), async (question) => {
          const [built, ...filtered] = await kedro.ask(question);
          const [ourBuilt, ...ourFiltered] = answerQuestion(question);
          count('pipeline', [built]);
          count('filter', filtered);
          expect(withMessage(ourBuilt)).toEqual(withMessage(built));
          expect(ourFiltered.map(withMessage)).toEqual(filtered.map(withMessage));
        });
        await fc.assert(property, { seed, numRuns });
      },
      timeout,
    );

    it(
      'runs 1000 random nodes the same way',
      async () => {
        const property = fc.asyncProperty(nodeQuestion, async (question) => {
          const [theirs] = await kedro.ask(question);
          const ours = await answerNode(question);
          count('node', [theirs]);
          expect(withMessage(ours)).toEqual(withMessage(theirs));
        });
        await fc.assert(property, { seed, numRuns: 1000 });
      },
      timeout,
    );
  },
);
