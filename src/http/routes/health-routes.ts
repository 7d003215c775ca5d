import { HealthResponse } from '../../contract/health-response.ts';
import { methodNotAllowed } from '../http-error.ts';
import { errorResponse, jsonResponse } from '../json-response.ts';
import type { ServerState } from '../server-state.ts';
import { createTypedRoute, defineRoute, jsonBody } from './create-typed-route.ts';

const healthRoute = defineRoute({
  access: 'open',
  method: 'get',
  path: '/health',
  operationId: 'health_health_get',
  tags: ['health'],
  summary: 'Health',
  description:
    'Whether the server has opened the project, and the version of Kedro that it runs. Whether it can take a run now, `/readyz` says.',
  responses: {
    200: jsonBody('Successful Response', HealthResponse),
    503: jsonBody('The project cannot be opened, or the server is stopping.', HealthResponse),
  },
});

/**
 * Health is told at once: the first request waits for the project to be opened, but after a
 * failure the next attempt goes on beside the answer.
 */
export function createHealthRoutes({ opening, metrics, isClosing }: ServerState) {
  let healthy: string | null = null;

  async function answerUnopened(): Promise<Response> {
    const attempt = opening.open();
    if (opening.hasFailed) attempt.catch(() => undefined);
    else await attempt.catch(() => undefined);
    return answer();
  }

  function answer(): Response {
    const { info } = opening;
    const version = info?.kedroVersion ?? 'unknown';
    if (info === null || isClosing()) return errorResponse(503, write('unhealthy', version));
    healthy ??= write('healthy', version);
    return jsonResponse(healthy);
  }

  const respond = ({ method }: Request): Response | Promise<Response> => {
    if (method === 'HEAD') throw methodNotAllowed('GET');
    return opening.info === null && !isClosing() ? answerUnopened() : answer();
  };
  return createTypedRoute(healthRoute, respond, metrics);
}

function write(status: HealthResponse['status'], version: string): string {
  return JSON.stringify({ status, kedro_version: version } satisfies HealthResponse);
}
