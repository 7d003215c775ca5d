import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect } from 'vitest';

import { kedroPython } from '../python-env.ts';
import { toDifference } from './difference.ts';
import type { DeviatingCase, ParityCase } from './parity-case.ts';
import { type PairOptions, type ServerPair, startServerPair } from './server-pair.ts';
import { startKedroServer, startOurServer } from './server-process.ts';

/** `PARITY_SUBJECT=kedro` puts a second server of Kedro's in our place, which tests the corpus. */
export const subjectIsKedro = process.env['PARITY_SUBJECT'] === 'kedro';

/** Keeps pandas and NumPy out of a server that is started for a few requests only. */
export const quickStart = {
  PYTHONPATH: fileURLToPath(new URL('without', import.meta.url)),
} as const;

export interface ComparedPair {
  readonly pair: () => ServerPair;
  expectSame(parityCase: ParityCase): Promise<void>;
  expectDeviation(deviatingCase: DeviatingCase): Promise<void>;
}

/** Starts Kedro's server and ours on a project before the suite's tests, and ends them after. */
export function useComparedPair(
  options: Omit<PairOptions, 'python' | 'startTheirs' | 'startOurs'> & Partial<PairOptions>,
): ComparedPair {
  let started: ServerPair | null = null;
  const pair = (): ServerPair => {
    if (started === null) throw new Error('the servers did not start');
    return started;
  };
  beforeAll(async () => {
    const python = await kedroPython('newest');
    started = await startServerPair({
      python,
      startTheirs: startKedroServer,
      startOurs: subjectIsKedro ? startKedroServer : startOurServer,
      ...options,
    });
  });
  afterAll(async () => {
    await started?.close();
  });
  return {
    pair,
    expectSame: async (parityCase) => {
      const { theirs, ours } = await pair().compare(parityCase);
      if (ours !== theirs) expect.fail(toDifference(parityCase, theirs, ours));
    },
    expectDeviation: async (deviatingCase) => {
      const { theirLast, ourLast } = await pair().compare(deviatingCase);
      expectAnswer('Kedro’s server', theirLast, deviatingCase.theirs);
      expectAnswer('ours', ourLast, deviatingCase.ours);
    },
  };
}

function expectAnswer(server: string, answer: string, expected: string | RegExp): void {
  if (typeof expected === 'string') expect(answer, server).toBe(expected);
  else expect(answer, server).toMatch(expected);
}
