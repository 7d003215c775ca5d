import type { ObserveRequest } from '../run/run-metrics.ts';
import { toErrorResponse } from './to-error-response.ts';

interface Asked {
  readonly req: { readonly raw: Request };
}

/** Wraps a handler so that each of its answers is counted, what it throws too. */
export function countAnswers<Context extends Asked>(
  observe: ObserveRequest,
  handler: (context: Context) => Response | Promise<Response>,
): (context: Context) => Response | Promise<Response> {
  return (context) => {
    const { method } = context.req.raw;
    const beganAt = performance.now();
    const succeed = (response: Response): Response => {
      observe(method, response.status, performance.now() - beganAt);
      return response;
    };
    const fail = (error: unknown): never => {
      observe(method, toErrorResponse(error)?.status ?? 500, performance.now() - beganAt);
      throw error;
    };
    try {
      const response = handler(context);
      return response instanceof Response ? succeed(response) : response.then(succeed, fail);
    } catch (error) {
      return fail(error);
    }
  };
}
