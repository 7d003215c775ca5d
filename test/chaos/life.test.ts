import { describe, expect, inject, test } from 'vitest';

import { faultsOfServers, type FaultType } from '../../chaos/life-faults.ts';
import type { What } from '../../chaos/life-ledger.ts';
import type { Language } from '../../chaos/life-project.ts';
import { shakeLife } from '../../chaos/life.ts';
import { Report } from '../../chaos/report.ts';
import { seed } from '../config/seed.ts';
import { kedroPython } from '../python-env.ts';

async function shake(
  language: Language,
  whats: readonly What[],
  more: readonly FaultType[],
): Promise<void> {
  const lines: string[] = [];
  const report = new Report((line) => lines.push(line));
  await shakeLife({
    ...{ report, seed, language, whats, pauseMs: 1200 },
    durationMs: 4000,
    python: language === 'python' ? await kedroPython('newest') : '',
    faults: [...more, ...faultsOfServers],
    goneWithinMs: 30_000,
  });
  expect(lines.length).toBeGreaterThan(10);
  expect(report.broken, lines.join('\n')).toBe(0);
}

// `npm run chaos -- faults` does the same for longer, with a disk and a clock.
test(`TypeScript: promises are kept by a served project, whatever befalls it (seed ${seed})`, async () => {
  await shake('typescript', ['work', 'work', 'fail'], []);
}, 120_000);

describe.skipIf(inject('pythonMissing') !== null)('Kedro', () => {
  test(`promises are kept by a served project, whatever befalls it (seed ${seed})`, async () => {
    await shake('python', ['work', 'work', 'fail', 'exit'], ['kill-worker', 'stop-worker']);
  }, 120_000);
});
