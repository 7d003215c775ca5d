import { bareSubmission } from '../../run/bare-submission.ts';
import { ErrorMessage } from '../../contract/error-message.ts';
import { parseRunBody } from '../../contract/parse-run-body.ts';
import { RunRequest } from '../../contract/run-request.ts';
import { RunResponse } from '../../contract/run-response.ts';
import { toRunResponse, writeRunResponse } from '../../contract/to-run-response.ts';
import { HTTPValidationError } from '../../contract/validation-error.ts';
import { serverClosing } from '../http-error.ts';
import { jsonResponse } from '../json-response.ts';
import { readLimitedBody } from '../middleware/read-limited-body.ts';
import type { ServerState } from '../server-state.ts';
import { readSentTrace } from '../trace-headers.ts';
import { createTypedRoute, defineRoute, jsonBody } from './create-typed-route.ts';

const runRoute = defineRoute({
  access: 'run',
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
    400: jsonBody('The body is no readable text.', ErrorMessage),
    403: jsonBody('This request may not run pipelines.', ErrorMessage),
    408: jsonBody('The body has not come in time.', ErrorMessage),
    413: jsonBody('The body is too large.', ErrorMessage),
    422: jsonBody('Validation Error', HTTPValidationError),
    503: jsonBody('The server is full or stopping, or runs cannot be kept.', ErrorMessage),
  },
});

export function createRunRoutes({
  runs,
  metrics,
  authorization,
  bodyLimits,
  isClosing,
}: ServerState) {
  async function answer(request: Request): Promise<Response> {
    if (isClosing()) throw serverClosing();
    await authorization.require(request, 'submit');
    const body = await readLimitedBody(request, bodyLimits);
    const order = parseRunBody(body, request.headers.get('content-type'));
    authorization.requirePipelines(request, order);
    const { owner, maxOpen } = authorization.submitterOf(request);
    const submission = bareSubmission(order, { owner, ...readSentTrace(request.headers) });
    const { record } = await runs.submit(submission, { maxOpen, withdrawn: request.signal });
    const ended = await runs.waitForEnd(record.id);
    if (ended === null) throw new Error(`Run ${record.id} is not in the store.`);
    if (ended.status === 'cancelled' && ended.nodesTotal === null && isClosing()) {
      throw serverClosing();
    }
    const { saveVersion, status, error } = ended;
    const durationMs = ended.durationMs ?? 0;
    return jsonResponse(
      writeRunResponse(toRunResponse(saveVersion, { status, durationMs, error })),
    );
  }

  return createTypedRoute(runRoute, answer, metrics);
}
