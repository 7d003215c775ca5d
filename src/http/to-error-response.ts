import { HTTPException } from 'hono/http-exception';
import { RequestInvalid, writeProblems } from '../contract/request-invalid.ts';
import { UnreadableBody } from '../contract/unreadable-body.ts';
import { KedroServerError } from '../errors.ts';
import { RunRefused } from '../run/run-refused.ts';
import { HttpError, serverClosing } from './http-error.ts';
import { errorResponse } from './json-response.ts';

/** Maps what a route throws to HTTP, or gives null for what no route throws on purpose. */
export function toErrorResponse(error: unknown): Response | null {
  if (error instanceof RequestInvalid) return errorResponse(422, writeProblems(error.problems));
  if (error instanceof UnreadableBody) {
    return errorResponse(400, writeDetail('There was an error parsing the body'));
  }
  if (error instanceof HttpError) {
    return errorResponse(error.status, writeDetail(error.message), error.headers);
  }
  if (isExecutorClosed(error)) return toErrorResponse(serverClosing());
  if (error instanceof RunRefused) {
    return errorResponse(503, writeDetail(error.message), retryAfter(error.retryAfterS));
  }
  if (error instanceof KedroServerError && error.code === 'store-unusable') {
    return errorResponse(503, writeDetail(error.message));
  }
  if (error instanceof HTTPException) {
    return errorResponse(error.status, writeDetail(error.message));
  }
  return null;
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
