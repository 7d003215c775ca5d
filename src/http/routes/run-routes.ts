import { parseRunBody } from '../../contract/parse-run-body.ts';
import { RunRequest } from '../../contract/run-request.ts';
import { RunResponse } from '../../contract/run-response.ts';
import { toRunFailure, toRunResponse, writeRunResponse } from '../../contract/to-run-response.ts';
import { HTTPValidationError } from '../../contract/validation-error.ts';
import type { Run } from '../../run/runs.ts';
import { serverClosing } from '../http-error.ts';
import { jsonResponse } from '../json-response.ts';
import { readLimitedBody } from '../middleware/read-limited-body.ts';
import type { ServerState } from '../server-state.ts';
import { toErrorDetail } from '../to-error-detail.ts';
import { isExecutorClosed } from '../to-error-response.ts';
import { createTypedRoute, defineRoute, jsonBody } from './create-typed-route.ts';

const runRoute = defineRoute({
  method: 'post',
  path: '/run',
  operationId: 'run_pipeline_run_post',
  tags: ['pipeline'],
  summary: 'Run Pipeline',
  description:
    'Runs a pipeline and answers when it has ended, whether it succeeded or failed. A run that has started goes on when its client goes away.',
  request: { body: { required: true, content: { 'application/json': { schema: RunRequest } } } },
  responses: {
    200: jsonBody('Successful Response', RunResponse),
    422: jsonBody('Validation Error', HTTPValidationError),
  },
});

export function createRunRoutes({ opening, runs, maxBodyBytes, isClosing }: ServerState) {
  async function answer(request: Request): Promise<Response> {
    if (isClosing()) throw serverClosing();
    const body = await readLimitedBody(request, maxBodyBytes);
    const order = parseRunBody(body, request.headers.get('content-type'));
    const response = await runToEnd(runs.create(order, request.signal));
    return jsonResponse(writeRunResponse(response));
  }

  async function runToEnd(run: Run): Promise<RunResponse> {
    const startedAt = performance.now();
    const { runId } = run.order;
    try {
      if (opening.info === null) await opening.open();
      return toRunResponse(runId, await run.end());
    } catch (error) {
      if (isExecutorClosed(error)) throw error;
      return toRunFailure(runId, performance.now() - startedAt, toErrorDetail(error));
    }
  }

  return createTypedRoute(runRoute, answer);
}
