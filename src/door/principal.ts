/** What a key or a token may be good for. `admin` is everything, on everybody's runs. */
export const scopes = ['read', 'run', 'cancel', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** What a route asks for; `follow` is reading one run, which `read` includes. */
export type Access = 'open' | 'follow' | 'read' | 'run' | 'cancel';

/** How much of the server one principal may take. */
export interface PrincipalLimits {
  /** Requests a minute; default: without limit. */
  readonly requestsPerMinute?: number | undefined;
  /** Runs of its own that have not ended; default: without limit. */
  readonly openRuns?: number | undefined;
}

/** Who calls. */
export interface Principal {
  /** Whose runs are its own: two with the same id see the same runs. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Pipelines that it may run; all of them unless given. */
  readonly pipelines?: readonly string[] | null | undefined;
  /** The only run that it may read, and until when; then its scopes count for nothing. */
  readonly onlyRun?: { readonly id: string; readonly endsAtMs: number } | null | undefined;
  readonly limits?: PrincipalLimits | undefined;
}

/** What somebody wants. */
export interface Wish {
  readonly access: Access;
  /** The run that it is about, with whose it is; null where that was not known. */
  readonly run?: { readonly id: string; readonly owner: string | null } | undefined;
  /** The pipelines that are to be run. */
  readonly pipelines?: readonly string[] | undefined;
}

/** Why a wish is not granted: the scope is missing, the run is not theirs, the pipeline not for them. */
export type Refusal = 'scope' | 'run' | 'pipeline';

/** The one place that says who may do what. Null: it is granted. */
export function refusalOf(principal: Principal, { access, run, pipelines }: Wish): Refusal | null {
  if (access === 'open') return null;
  const { id, scopes: held, onlyRun = null, pipelines: allowed = null } = principal;
  if (onlyRun !== null) {
    if (access !== 'follow') return 'scope';
    return run === undefined || run.id === onlyRun.id ? null : 'run';
  }
  if (held.includes('admin')) return null;
  if (!held.includes(access === 'follow' ? 'read' : access)) return 'scope';
  if (run !== undefined && run.owner !== id) return 'run';
  const isForbidden = (pipeline: string): boolean =>
    allowed !== null && !allowed.includes(pipeline);
  return pipelines?.some(isForbidden) === true ? 'pipeline' : null;
}

/** The owner whose runs a principal may list; null: everybody's. */
export function listedOwner({ id, scopes: held }: Principal): string | null {
  return held.includes('admin') ? null : id;
}
