import type { RunRecord } from '../run/run-record.ts';
import { ProblemError } from './problem-error.ts';

/** What a request wants of a run. */
export type RunAction = 'submit' | 'list' | 'read' | 'cancel' | 'retry';

export interface RunAccess {
  readonly request: Request;
  readonly action: RunAction;
  /** The run that it is about; null where there is none yet, and for the list. */
  readonly run: RunRecord | null;
}

/** Says whether a request may do something; an embedder's own. */
export type Authorize = (access: RunAccess) => boolean | Promise<boolean>;

export interface RunAuthorization {
  /** Throws `ProblemError` (`forbidden`). Every route on runs passes here. */
  require(request: Request, action: RunAction, run?: RunRecord): Promise<void>;
  /** Those of the runs that the request may read. */
  readable(request: Request, runs: readonly RunRecord[]): Promise<readonly RunRecord[]>;
}

/** Lets everything pass unless `authorize` says otherwise. */
export function createRunAuthorization(authorize: Authorize | undefined): RunAuthorization {
  return {
    require: async (request, action, run) => {
      if (authorize === undefined) return;
      if (await authorize({ request, action, run: run ?? null })) return;
      const what = run === undefined ? 'runs' : `run ${run.id}`;
      const message = `This request may not ${action} ${what}. Ask whoever runs this server for access.`;
      throw new ProblemError('forbidden', message, { runId: run?.id });
    },
    readable: async (request, runs) => {
      if (authorize === undefined) return runs;
      const allowed = await Promise.all(
        runs.map(async (run) => authorize({ request, action: 'read', run })),
      );
      return runs.filter((_, index) => allowed[index]);
    },
  };
}
