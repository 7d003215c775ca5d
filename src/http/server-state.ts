import type { Executor } from '../executor/executor.ts';
import type { RunMetrics } from '../run/run-metrics.ts';
import type { Runs } from '../run/runs.ts';
import type { RunAuthorization } from './authorize-run.ts';
import type { Callers } from './callers.ts';
import type { BodyLimits } from './middleware/read-limited-body.ts';
import type { ProjectOpening } from './project-opening.ts';

/** What the routes of one server share. */
export interface ServerState {
  readonly executor: Executor;
  /** Takes out of an error's text what the server must not show. */
  readonly hide: ((text: string) => string) | undefined;
  readonly opening: ProjectOpening;
  readonly runs: Runs;
  readonly metrics: RunMetrics;
  /** Pipelines that the project has, as far as that has been seen. */
  readonly knownPipelines: Set<string>;
  readonly authorization: RunAuthorization;
  /** Null where the server asks nobody who calls. */
  readonly callers: Callers | null;
  /** Whether callbacks may go to this machine and its networks. */
  readonly allowsPrivateCallbacks: boolean;
  readonly bodyLimits: BodyLimits;
  /** Silence after which a stream of events says that it is still there. */
  readonly heartbeatMs: number;
  readonly onUnexpectedError?: ((error: Error) => void) | undefined;
  isClosing(): boolean;
}
