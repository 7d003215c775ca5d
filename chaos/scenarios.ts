import { faults } from './faults.ts';
import { leaks } from './leaks.ts';
import { overload } from './overload.ts';
import type { Report } from './report.ts';
import { sharedFiles } from './shared-files.ts';
import { soak } from './soak.ts';

export interface Chaos {
  readonly report: Report;
  readonly seed: number;
  /** How long what may last as one likes lasts. */
  readonly minutes: number;
  /** What numbers of runs are multiplied by. */
  readonly scale: number;
  /** An interpreter with Kedro. */
  readonly python: string;
}

export type Scenario = (chaos: Chaos) => Promise<void>;

/** Every scenario by the name that `npm run chaos -- NAME` takes. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  faults,
  leaks,
  'shared-files': sharedFiles,
  overload,
  soak,
};
