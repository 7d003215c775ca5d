import { HTTPException } from 'hono/http-exception';
import { RequestInvalid } from '../contract/request-invalid.ts';
import { fromRequestProblem } from '../contract/to-problem-item.ts';
import { UnreadableBody } from '../contract/unreadable-body.ts';
import { KedroServerError } from '../errors.ts';
import { RunRefused } from '../run/run-refused.ts';
import { HttpError } from './http-error.ts';
import { type ProblemCode, ProblemError } from './problem-error.ts';

/** Problems that are told of one request. */
const mostItems = 100;
const longestPlace = 200;

const codesOfStatus: ReadonlyMap<number, ProblemCode> = new Map([
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [408, 'body-too-slow'],
  [413, 'body-too-large'],
  [503, 'server-stopping'],
]);

/** What a route on runs throws, as a problem; null for what none throws on purpose. */
export function toProblemError(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error;
  if (error instanceof RequestInvalid) return fromInvalid(error);
  if (error instanceof UnreadableBody) return new ProblemError('body-unreadable', error.message);
  if (error instanceof RunRefused) {
    const { code, message, retryAfterS, runIds } = error;
    return new ProblemError(code, message, { retryAfterS, runIds });
  }
  if (error instanceof HttpError || error instanceof HTTPException) {
    const code = codesOfStatus.get(error.status);
    const headers = error instanceof HttpError ? error.headers : {};
    return code === undefined ? null : new ProblemError(code, error.message, { headers });
  }
  if (error instanceof KedroServerError) {
    if (error.code === 'executor-closed') {
      return new ProblemError('server-stopping', error.message, { retryAfterS: 5 });
    }
    if (error.code === 'store-unusable') {
      return new ProblemError('store-unusable', error.message, { retryAfterS: 5 });
    }
  }
  return null;
}

function fromInvalid({ problems }: RequestInvalid): ProblemError {
  const errors = problems.slice(0, mostItems).map(fromRequestProblem);
  const [first] = errors;
  const place = (first?.pointer ?? '').slice(0, longestPlace);
  const others = problems.length - 1;
  const rest = others > 0 ? ` (and ${others} more)` : '';
  const what = [place, first?.detail ?? ''].filter((text) => text !== '').join(': ');
  return new ProblemError('request-invalid', `${what}${rest}`, { errors });
}
