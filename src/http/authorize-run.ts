import { type Access, listedOwner, type Principal, refusalOf } from '../door/principal.ts';
import { pipelinesOf } from '../run/pipelines-of.ts';
import type { RunRecord, RunSubmission } from '../run/run-record.ts';
import type { Callers } from './callers.ts';
import { ProblemError } from './problem-error.ts';

/** What a request wants of a run. */
export type RunAction = 'submit' | 'list' | 'read' | 'cancel' | 'retry';

export interface RunAccess {
  readonly request: Request;
  readonly action: RunAction;
  /** The run that it is about; null where there is none yet, and for the list. */
  readonly run: RunRecord | null;
  /** Who sends it; null where the server does not ask. */
  readonly principal: Principal | null;
}

/** Says whether a request may do something; an embedder's own. */
export type Authorize = (access: RunAccess) => boolean | Promise<boolean>;

export interface RunAuthorization {
  /**
   * Throws `ProblemError`: `forbidden`, and `run-unknown` for runs of others, which are told by no
   * other name than they were asked by. Every route on runs passes here.
   */
  require(request: Request, action: RunAction, run?: RunRecord, askedAs?: string): Promise<void>;
  /** Throws `ProblemError` (`forbidden`) when the caller may not run the pipelines of an order. */
  requirePipelines(request: Request, order: RunSubmission['order']): void;
  /** Whose run it is that a request submits, and how many of these may be open. */
  submitterOf(request: Request): { readonly owner: string | null; readonly maxOpen: number };
  /** The owner whose runs the list shows; null: everybody's. */
  listedOwner(request: Request): string | null;
  /** Those of the runs that the request may read. */
  readable(request: Request, runs: readonly RunRecord[]): Promise<readonly RunRecord[]>;
}

const accessOf: Readonly<Record<RunAction, Access>> = {
  submit: 'run',
  list: 'read',
  read: 'follow',
  cancel: 'cancel',
  retry: 'run',
};

/** Lets everything pass that neither `callers` nor `authorize` refuses. */
export function createRunAuthorization(
  authorize: Authorize | undefined,
  callers: Callers | null,
): RunAuthorization {
  const principalOf = (request: Request): Principal | null => callers?.principalOf(request) ?? null;

  return {
    require: async (request, action, run, askedAs = run?.id) => {
      const principal = principalOf(request);
      if (principal !== null) requireOwn(principal, action, run, askedAs);
      if (authorize === undefined) return;
      if (await authorize({ request, action, run: run ?? null, principal })) return;
      throw forbidden(action, askedAs);
    },
    requirePipelines: (request, order) => {
      const principal = principalOf(request);
      if (principal === null) return;
      const pipelines = pipelinesOf({ submission: { order } });
      if (refusalOf(principal, { access: 'run', pipelines }) === null) return;
      const allowed = principal.pipelines?.join(', ') ?? '';
      const message = `The token that was sent is for these pipelines: ${allowed}. The run is of ${pipelines.join(', ')}.`;
      throw new ProblemError('forbidden', message);
    },
    submitterOf: (request) => {
      const principal = principalOf(request);
      return {
        owner: principal?.id ?? null,
        maxOpen: principal?.limits?.openRuns ?? Infinity,
      };
    },
    listedOwner: (request) => {
      const principal = principalOf(request);
      return principal === null ? null : listedOwner(principal);
    },
    readable: async (request, runs) => {
      if (authorize === undefined) return runs;
      const principal = principalOf(request);
      const allowed = await Promise.all(
        runs.map(async (run) => authorize({ request, action: 'read', run, principal })),
      );
      return runs.filter((_, index) => allowed[index]);
    },
  };
}

/** The run is not there, or not for who asks: they are not told which. */
export function runUnknown(id: string): ProblemError {
  const message = `There is no run '${id}'. It may have been removed; GET /runs lists those that are kept.`;
  return new ProblemError('run-unknown', message, { runId: id });
}

function requireOwn(
  principal: Principal,
  action: RunAction,
  run: RunRecord | undefined,
  askedAs: string | undefined,
): void {
  const subject = run && { id: run.id, owner: run.submission.owner ?? null };
  switch (refusalOf(principal, { access: accessOf[action], run: subject })) {
    case 'run':
      throw runUnknown(askedAs ?? '');
    case 'scope':
    case 'pipeline':
      throw forbidden(action, askedAs);
    case null:
      return;
  }
}

function forbidden(action: RunAction, runId: string | undefined): ProblemError {
  const what = runId === undefined ? 'runs' : `run ${runId}`;
  const message = `This request may not ${action} ${what}. Ask whoever runs this server for access.`;
  return new ProblemError('forbidden', message, { runId });
}
