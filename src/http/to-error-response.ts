import { HTTPException } from 'hono/http-exception';
import type { Problem } from '../contract/problem.ts';
import { RequestInvalid, writeProblems } from '../contract/request-invalid.ts';
import { UnreadableBody } from '../contract/unreadable-body.ts';
import { KedroServerError } from '../errors.ts';
import { RunRefused } from '../run/run-refused.ts';
import { HttpError, serverClosing } from './http-error.ts';
import { errorResponse } from './json-response.ts';
import { ProblemError } from './problem-error.ts';
import { toProblemError } from './to-problem-error.ts';

/** What a problem tells of the request that it answers. */
export interface ProblemContext {
  readonly traceId: string;
}

/**
 * Maps what a route throws to HTTP, or gives null for what no route throws on purpose: Kedro's
 * routes answer as Kedro's server does, the others, which give a context, by a problem document.
 */
export function toErrorResponse(
  error: unknown,
  context: ProblemContext | null = null,
): Response | null {
  if (context !== null) {
    const problem = toProblemError(error);
    return problem && problemResponse(problem, context);
  }
  if (error instanceof RequestInvalid) return errorResponse(422, writeProblems(error.problems));
  if (error instanceof UnreadableBody) {
    return errorResponse(400, writeDetail('There was an error parsing the body'));
  }
  if (error instanceof HttpError) {
    return errorResponse(error.status, writeDetail(error.message), error.headers);
  }
  if (error instanceof ProblemError) {
    const { headers = {}, retryAfterS = null } = error.details;
    return errorResponse(error.status, writeDetail(error.message), {
      ...headers,
      ...retryAfter(retryAfterS),
    });
  }
  if (isExecutorClosed(error)) return toErrorResponse(serverClosing());
  if (error instanceof RunRefused) {
    const status = error.code === 'quota-full' ? 429 : 503;
    return errorResponse(status, writeDetail(error.message), retryAfter(error.retryAfterS));
  }
  if (error instanceof KedroServerError && error.code === 'store-unusable') {
    return errorResponse(503, writeDetail(error.message));
  }
  if (error instanceof HTTPException) {
    return errorResponse(error.status, writeDetail(error.message));
  }
  return null;
}

/** What is told of an error that nothing throws on purpose: nothing. */
export function unexpectedResponse(context: ProblemContext | null = null): Response {
  if (context === null) return errorResponse(500, writeDetail('Internal Server Error'));
  const message = 'The server has failed to answer this request; its log says why.';
  return problemResponse(new ProblemError('internal-error', message), context);
}

function problemResponse(
  { status, code, title, message, details }: ProblemError,
  { traceId }: ProblemContext,
): Response {
  const { errors = [], runId, runIds = [], retryAfterS = null, headers = {} } = details;
  const problem: Problem = {
    type: `urn:kedro-server:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(errors.length > 0 && { errors: [...errors] }),
    ...(runId !== undefined && { run_id: runId }),
    ...(runIds.length > 0 && { run_ids: [...runIds] }),
    trace_id: traceId,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      ...headers,
      ...(retryAfterS !== null && { 'retry-after': String(retryAfterS) }),
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    },
  });
}

export function isExecutorClosed(error: unknown): boolean {
  return error instanceof KedroServerError && error.code === 'executor-closed';
}

function retryAfter(seconds: number | null): Record<string, string> {
  return seconds === null ? {} : { 'retry-after': String(seconds) };
}

function writeDetail(detail: string): string {
  return JSON.stringify({ detail });
}
