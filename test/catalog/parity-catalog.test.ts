import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { catalogQuestion } from './catalog-arbitrary.ts';
import type { CatalogFacts } from './catalog-question.ts';
import { answerQuestion } from './catalog-question.ts';
import type { Attempt, KedroOracle } from '../kedro-oracle.ts';
import { startKedroOracle } from '../kedro-oracle.ts';

const seed = Number(process.env['KEDRO_TEST_SEED'] ?? 20_261_123);
const numRuns = 3000;

/** Kedro's own errors have their type here too; what Python trips over is just refused. */
function withoutMessage(attempt: Attempt, theirs: Attempt | undefined = attempt): unknown {
  if ('value' in attempt) return attempt;
  const refusal = theirs !== undefined && 'error' in theirs ? theirs : { error: '', message: '' };
  const isKedros =
    refusal.error.startsWith('Dataset') || refusal.message.includes('Unable to find credentials');
  return { error: isKedros ? attempt.error : 'refused' };
}

/** Refused here on purpose: a name that would make another folder of a pattern's one. */
function leadsOut(attempt: Attempt): boolean {
  return 'error' in attempt && attempt.message.includes('may not lead out');
}

function isFacts(value: unknown): value is CatalogFacts {
  return typeof value === 'object' && value !== null && 'got' in value;
}

/** Kedro forgets the entry of a dataset that it could not make: no names are compared after that. */
function withoutForgotten(attempt: Attempt): Attempt {
  if ('error' in attempt || !isFacts(attempt.value)) return attempt;
  const { after, hasAfter, ...facts } = attempt.value;
  const got = facts.got.map((each) => ('error' in each ? 'refused' : each));
  const areAllMade = !got.includes('refused');
  return { value: areAllMade ? { ...facts, got, after, hasAfter } : { ...facts, got } };
}

function comparable(answers: readonly Attempt[], theirs: readonly Attempt[]): readonly unknown[] {
  return answers.map((each, index) => withoutMessage(withoutForgotten(each), theirs[index]));
}

describe.skipIf(inject('pythonMissing') !== null)(
  `catalogs as Kedro resolves them (seed ${seed})`,
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

    it(`gives the same answers on ${numRuns} random catalogs`, async () => {
      const property = fc.asyncProperty(catalogQuestion, async (question) => {
        const ours = answerQuestion(question);
        fc.pre(!ours.some(leadsOut));
        const theirs = await kedro.ask({ ask: 'catalog', ...question });
        count('resolver', theirs.slice(0, 1));
        count('name', theirs.slice(1, -1));
        count('catalog', theirs.slice(1).slice(-1));
        expect(comparable(ours, theirs)).toEqual(comparable(theirs, theirs));
      });
      await fc.assert(property, { seed, numRuns });
    }, 120_000);
  },
);
