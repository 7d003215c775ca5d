import type { ProblemItem } from '../contract/problem.ts';

/** The kinds of problem that routes on runs answer with: status and title, by code. */
const kinds = {
  'request-invalid': [422, 'The request is not as it should be'],
  'run-invalid': [422, 'The run cannot be run'],
  'key-conflict': [422, 'The idempotency key belongs to another request'],
  'body-unreadable': [400, 'The body cannot be read'],
  'body-too-large': [413, 'The body is too large'],
  unauthenticated: [401, 'Who calls is not known'],
  forbidden: [403, 'Not allowed'],
  'page-refused': [403, 'Pages of this origin are not let in'],
  'not-found': [404, 'Not found'],
  'run-unknown': [404, 'There is no such run'],
  'output-unknown': [404, 'There is no such output'],
  'pipeline-unknown': [404, 'There is no such pipeline'],
  'method-not-allowed': [405, 'The path does not have this method'],
  'body-too-slow': [408, 'The body has not come in time'],
  'output-not-ready': [409, 'The output is not there yet'],
  'output-unavailable': [409, 'The output cannot be had'],
  'run-ended': [409, 'The run has ended'],
  'run-not-ended': [409, 'The run has not ended'],
  'nothing-to-retry': [409, 'Nothing is left to be run'],
  'concurrency-conflict': [409, 'Other runs are in the way'],
  'key-pending': [409, 'The request is being accepted'],
  'host-unknown': [421, 'The server is not known by this name'],
  'rate-limited': [429, 'Too many requests'],
  'quota-full': [429, 'Too many runs'],
  'internal-error': [500, 'The server has failed'],
  'queue-full': [503, 'The server is full'],
  'server-stopping': [503, 'The server is stopping'],
  'project-broken': [503, 'The project cannot be used'],
  'store-unusable': [503, 'Runs cannot be kept'],
  'issuer-unreachable': [503, 'Tokens cannot be checked'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof kinds;

export interface ProblemDetails {
  readonly errors?: readonly ProblemItem[] | undefined;
  readonly runId?: string | undefined;
  readonly runIds?: readonly string[] | undefined;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS?: number | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A request on runs that is not served. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly details: ProblemDetails;

  /** `message` says what went wrong this time, and what to do next. */
  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message);
    const [status, title] = kinds[code];
    this.code = code;
    this.status = status;
    this.title = title;
    this.details = details;
  }
}

/** A query parameter or a header that is not as it should be. */
export function parameterInvalid(parameter: string, detail: string): ProblemError {
  return new ProblemError('request-invalid', detail, { errors: [{ detail, parameter }] });
}
