import type { Executor } from '../executor/executor.ts';
import type { Runs } from '../run/runs.ts';
import type { ProjectOpening } from './project-opening.ts';

/** What the routes of one server share. */
export interface ServerState {
  readonly executor: Executor;
  readonly opening: ProjectOpening;
  readonly runs: Runs;
  readonly maxBodyBytes: number;
  isClosing(): boolean;
}
