import { Problem } from '../../contract/problem.ts';
import type { ServerState } from '../server-state.ts';
import { toErrorResponse, unexpectedResponse } from '../to-error-response.ts';
import { readTraceHeaders, type TraceHeaders } from '../trace-headers.ts';
import { createTypedRoute, type DefinedRoute, type PathRequest } from './create-typed-route.ts';

/** A request to one of our own routes, as its handler sees it. */
export interface Call extends TraceHeaders {
  readonly request: Request;
  readonly query: URLSearchParams;
  /** What stands before the route's own path: where the app is mounted. */
  readonly basePath: string;
  /** A part of the path, decoded. */
  param(name: string): string;
}

export interface ProblemBody {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof Problem } };
}

/** A problem document that a route answers with; `meaning` is what it means there. */
export function problemBody(meaning: string): ProblemBody {
  return { description: meaning, content: { 'application/problem+json': { schema: Problem } } };
}

/**
 * Creates an app of one route that is not Kedro's: what goes wrong there is answered by a problem
 * document, and every answer carries the request's id.
 */
export function createProblemRoute<const Route extends DefinedRoute>(
  route: Route,
  { onUnexpectedError, metrics }: Pick<ServerState, 'onUnexpectedError' | 'metrics'>,
  handler: (call: Call) => Response | Promise<Response>,
) {
  const depth = route.path.split('/').length - 1;

  function toCall(request: Request, path: PathRequest, trace: TraceHeaders): Call {
    const queryAt = request.url.indexOf('?');
    return {
      ...trace,
      request,
      query: new URLSearchParams(queryAt === -1 ? '' : request.url.slice(queryAt)),
      basePath: encodeURI(path.path.split('/').slice(0, -depth).join('/')),
      param: (name) => path.param(name) ?? '',
    };
  }

  const answer = async (request: Request, path: PathRequest): Promise<Response> => {
    const trace = readTraceHeaders(request.headers);
    let response: Response;
    try {
      response = await handler(toCall(request, path, trace));
    } catch (error) {
      const told = toErrorResponse(error, trace);
      if (told === null)
        onUnexpectedError?.(error instanceof Error ? error : new Error(String(error)));
      response = told ?? unexpectedResponse(trace);
    }
    response.headers.set('x-request-id', trace.requestId);
    return response;
  };
  return createTypedRoute(route, answer, metrics);
}
