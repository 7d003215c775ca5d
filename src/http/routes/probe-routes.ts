import * as z from 'zod';
import { Liveness, Readiness } from '../../contract/probe-response.ts';
import { describeProject } from '../check-order.ts';
import { serverClosing } from '../http-error.ts';
import { jsonResponse } from '../json-response.ts';
import { ProblemError } from '../problem-error.ts';
import type { ServerState } from '../server-state.ts';
import { createProblemRoute, problemBody } from './create-problem-route.ts';
import { defineRoute, jsonBody } from './create-typed-route.ts';
import { joinRoutes } from './join-routes.ts';
import { answerHeaders } from './run-parameters.ts';

const liveRoute = defineRoute({
  access: 'open',
  method: 'get',
  path: '/livez',
  operationId: 'check_alive',
  tags: ['operations'],
  summary: 'Alive?',
  description: 'Whether the server answers at all. It does not look at the project.',
  responses: { 200: { ...jsonBody('It does.', Liveness), headers: answerHeaders.requestId } },
});

const readyRoute = defineRoute({
  access: 'open',
  method: 'get',
  path: '/readyz',
  operationId: 'check_ready',
  tags: ['operations'],
  summary: 'Ready?',
  description:
    'Whether the server can take a run now. When it stops this fails first, so that a load balancer sends nothing more.',
  responses: {
    200: { ...jsonBody('It can.', Readiness), headers: answerHeaders.requestId },
    503: problemBody('It is stopping or full, or the project cannot be used.'),
  },
});

const metricsRoute = defineRoute({
  access: 'read',
  method: 'get',
  path: '/metrics',
  operationId: 'read_metrics',
  tags: ['operations'],
  summary: 'Metrics',
  description: 'What this process has counted since its start, as Prometheus reads it.',
  responses: {
    200: {
      description: 'The metrics.',
      headers: answerHeaders.requestId,
      content: { 'text/plain': { schema: z.string() } },
    },
  },
});

/** What a load balancer, an orchestrator or a monitor asks. */
export function createProbeRoutes(state: ServerState) {
  const { runs, metrics, isClosing } = state;

  async function ready(): Promise<Response> {
    if (isClosing()) throw serverClosing();
    await runs.check();
    await describeProject(state);
    const { running, waiting, maxWaiting } = runs.load;
    if (waiting >= maxWaiting) {
      const message = `The server is full: ${waiting} runs wait, and no more may.`;
      throw new ProblemError('queue-full', message, { retryAfterS: runs.retryAfterS() });
    }
    const { capacity } = runs;
    const readiness: Readiness = { status: 'ready', running, waiting, capacity };
    return jsonResponse(JSON.stringify(readiness));
  }

  return joinRoutes(
    createProblemRoute(liveRoute, state, () => jsonResponse('{"status":"alive"}')),
    createProblemRoute(readyRoute, state, ready),
    createProblemRoute(metricsRoute, state, () => {
      const headers = { 'content-type': metrics.contentType, 'cache-control': 'no-store' };
      return new Response(metrics.toText(), { headers });
    }),
  );
}
