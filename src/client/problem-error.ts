import type { Problem, ProblemItem } from '../contract/problem.ts';

/** A request that the server did not serve, as its problem document tells it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** Stable, for programs; `http-<status>` where the answer was no problem document. */
  readonly code: string;
  readonly status: number;
  /** All that is wrong with the request. */
  readonly errors: readonly ProblemItem[];
  /** When trying again makes sense, by the answer's `Retry-After`; null where it says nothing. */
  readonly retryAfterMs: number | null;
  readonly runId: string | null;
  /** The runs that are in the way. */
  readonly runIds: readonly string[];
  /** Names the request in the server's log. */
  readonly traceId: string | null;

  constructor(status: number, problem: Partial<Problem>, retryAfterMs: number | null) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.code = problem.code ?? `http-${status}`;
    this.status = status;
    this.errors = problem.errors ?? [];
    this.retryAfterMs = retryAfterMs;
    this.runId = problem.run_id ?? null;
    this.runIds = problem.run_ids ?? [];
    this.traceId = problem.trace_id ?? null;
  }
}

const longestText = 500;

/** Reads what an answer says is wrong. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const retryAfterMs = readRetryAfter(response.headers);
  const text = await response.text().catch(() => '');
  return new ProblemError(response.status, parseProblem(text, response), retryAfterMs);
}

function parseProblem(text: string, { status, headers }: Response): Partial<Problem> {
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json') === true;
  try {
    const value: unknown = JSON.parse(text);
    // The documents are this server's own: its tests hold them to their schema.
    if (isProblem && isObject(value)) return value;
    if (isObject(value) && 'detail' in value && typeof value.detail === 'string') {
      return { detail: value.detail };
    }
  } catch {
    // It comes from something in between.
  }
  const said = text.trim().slice(0, longestText);
  return { detail: `The server answered ${status}${said === '' ? '.' : `: ${said}`}` };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Milliseconds of `Retry-After`, in seconds or as a date. */
export function readRetryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
